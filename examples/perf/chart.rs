//! The figures as a picture: a line for each transport over the sizes, both axes logarithmic, with
//! bars from the least to the most.

use std::path::Path;

use plotters::prelude::*;

use crate::Outcome;
use crate::figures::{Figures, Test};
use crate::pair::Transport;

const SIZE: (u32, u32) = (800, 500);

pub fn draw(figures: &Figures, path: &Path) -> Outcome {
    let sizes = figures.rows.iter().map(|row| row.size.max(1) as f64);
    let bounds = |values: &mut dyn Iterator<Item = f64>| {
        let (low, high) = values.fold((f64::MAX, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        low / 1.5..high * 1.5
    };
    let x = bounds(&mut sizes.clone());
    let y = bounds(&mut figures.rows.iter().flat_map(|row| [row.least, row.most]));

    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(text)?;
    let caption = match figures.test {
        Test::Throughput => "Throughput, PUSH to PULL",
        Test::Latency => "Latency, REQ to REP",
    };
    let mut chart = ChartBuilder::on(&area)
        .caption(caption, ("sans-serif", 20))
        .margin(10)
        .x_label_area_size(40)
        .y_label_area_size(80)
        .build_cartesian_2d(x.log_scale(), y.log_scale())
        .map_err(text)?;
    chart
        .configure_mesh()
        .x_desc("bytes of a message")
        .y_desc(figures.unit)
        .x_label_formatter(&|size| format!("{size:.0}"))
        .y_label_formatter(&|figure| format!("{figure:.0}"))
        .draw()
        .map_err(text)?;
    let transports = [Transport::Tcp, Transport::Ipc, Transport::Inproc];
    for (index, transport) in transports.into_iter().enumerate() {
        let mut rows: Vec<_> = figures
            .rows
            .iter()
            .filter(|row| row.transport == transport)
            .collect();
        if rows.is_empty() {
            continue;
        }
        rows.sort_by_key(|row| row.size);
        let color = [
            RGBColor(0, 90, 181),
            RGBColor(220, 50, 32),
            RGBColor(0, 120, 60),
        ][index];
        let x = |size: usize| size.max(1) as f64;
        chart
            .draw_series(LineSeries::new(
                rows.iter().map(|row| (x(row.size), row.median)),
                color.stroke_width(2),
            ))
            .map_err(text)?
            .label(transport.to_string())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], color));
        let bars = rows.iter().map(|row| {
            ErrorBar::new_vertical(
                x(row.size),
                row.least,
                row.median,
                row.most,
                color.filled(),
                6,
            )
        });
        chart.draw_series(bars).map_err(text)?;
    }
    chart
        .configure_series_labels()
        .position(match figures.test {
            Test::Throughput => SeriesLabelPosition::LowerLeft,
            Test::Latency => SeriesLabelPosition::UpperLeft,
        })
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()
        .map_err(text)?;
    area.present().map_err(text)?;
    Ok(())
}

/// The errors of the drawing crate are not all `Send`.
fn text(error: impl std::fmt::Display) -> String {
    format!("the chart: {error}")
}
