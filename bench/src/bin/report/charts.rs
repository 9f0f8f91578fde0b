//! A picture of ratios to C: a line for each side over the sizes, both axes logarithmic.

use std::fs;
use std::path::Path;

use plotters::prelude::*;
use zmq_bench::Outcome;

use crate::figures::{bounds, bytes};
use crate::sides::Kind;

const SIZE: (u32, u32) = (860, 440);
/// Of which the names take so much, at the right.
const NAMES: i32 = 190;
const OURS: [RGBColor; 5] = [
    RGBColor(8, 48, 107),
    RGBColor(33, 113, 181),
    RGBColor(107, 174, 214),
    RGBColor(0, 109, 44),
    RGBColor(65, 171, 93),
];
const RIVALS: [RGBColor; 6] = [
    RGBColor(203, 24, 29),
    RGBColor(230, 130, 20),
    RGBColor(122, 1, 119),
    RGBColor(120, 80, 40),
    RGBColor(225, 90, 160),
    RGBColor(120, 120, 0),
];
const GREY: RGBColor = RGBColor(130, 130, 130);

/// A side, with its ratio by size.
#[derive(Debug)]
pub struct Line {
    pub name: String,
    pub kind: Kind,
    pub points: Vec<(f64, f64)>,
}

/// Ours are drawn thick, the rivals thin and with points.
pub fn draw(path: &Path, title: &str, lines: &[Line]) -> Outcome {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let points = || lines.iter().flat_map(|line| &line.points);
    let sizes = range(points().map(|point| point.0)).ok_or("no figures to draw")?;
    let ratios =
        range(points().map(|point| point.1).chain([0.9, 2.2])).ok_or("no figures to draw")?;

    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(text)?;
    let (area, names) = area.split_horizontally(SIZE.0 as i32 - NAMES);
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(8)
        .x_label_area_size(40)
        .y_label_area_size(56)
        .build_cartesian_2d(
            sizes.clone().log_scale().base(4.0),
            ratios.log_scale().base(2.0),
        )
        .map_err(text)?;
    chart
        .configure_mesh()
        .max_light_lines(1)
        .bold_line_style(RGBColor(225, 225, 225))
        .x_labels(11)
        .y_labels(9)
        .x_desc("size of a message")
        .y_desc("time, C = 1")
        .x_label_formatter(&|size| bytes(size.round() as usize))
        .y_label_formatter(&|ratio| ratio.to_string())
        .label_style(("sans-serif", 12))
        .draw()
        .map_err(text)?;
    chart
        .draw_series(LineSeries::new(
            [(sizes.start, 1.0), (sizes.end, 1.0)],
            BLACK.stroke_width(1),
        ))
        .map_err(text)?;

    let (mut ours, mut rivals, mut c) = (OURS.iter(), RIVALS.iter(), [GREY].iter());
    let mut y = 30;
    for line in lines {
        // A side keeps its colour in the pictures where another is missing.
        let (color, width) = match line.kind {
            Kind::C => (c.next(), 2),
            Kind::Ours => (ours.next(), 3),
            Kind::Rival => (rivals.next(), 1),
        };
        let style = color.unwrap_or(&BLACK).stroke_width(width);
        if line.points.is_empty() {
            continue;
        }
        y += 20;
        let points = line.points.iter().copied();
        chart
            .draw_series(LineSeries::new(points.clone(), style))
            .map_err(text)?;
        names
            .draw(&PathElement::new([(4, y), (30, y)], style))
            .map_err(text)?;
        if line.kind == Kind::Rival {
            let dot = |at| Circle::new(at, 3, style.filled());
            chart.draw_series(points.map(dot)).map_err(text)?;
            names
                .draw(&Circle::new((17, y), 3, style.filled()))
                .map_err(text)?;
        }
        names
            .draw(&Text::new(
                line.name.clone(),
                (38, y - 6),
                ("sans-serif", 13),
            ))
            .map_err(text)?;
    }
    area.present().map_err(text)?;
    Ok(())
}

/// A little beyond the least and the most.
fn range(values: impl Iterator<Item = f64>) -> Option<std::ops::Range<f64>> {
    let (least, most) = bounds(values)?;
    Some(least / 1.1..most * 1.1)
}

/// The errors of the drawing crate are not all `Send`.
fn text(error: impl std::fmt::Display) -> String {
    format!("the chart: {error}")
}
