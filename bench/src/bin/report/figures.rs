//! Figures: how they are taken in turn, and how they are told.

use zmq_bench::Outcome;

/// Runs every side once; each round begins with another, so that nobody is always the first. Gives what
/// they gave, in their own order.
pub fn in_turn<T>(
    round: usize,
    sides: usize,
    mut run: impl FnMut(usize) -> Outcome<T>,
) -> Outcome<Vec<T>> {
    let first = round % sides;
    let mut results = (0..sides)
        .map(|turn| run((first + turn) % sides))
        .collect::<Outcome<Vec<T>>>()?;
    results.rotate_right(first);
    Ok(results)
}

/// Adds what a round gave: the first side's time, and the others' ratio to it; nothing where that one,
/// which is C, has failed.
pub fn beside_first(times: &[Option<f64>], figures: &mut [Vec<f64>]) {
    let Some(first) = times[0] else {
        return;
    };
    for (index, (time, figures)) in times.iter().zip(figures).enumerate() {
        figures.extend(time.map(|time| if index == 0 { time } else { time / first }));
    }
}

/// The median; of an even number, the upper one of the two.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// The median, and between brackets the least and most.
pub fn spread(values: &[f64], digits: usize) -> String {
    match (median(values), bounds(values.iter().copied())) {
        (Some(only), _) if values.len() == 1 => format!("{only:.digits$}"),
        (Some(median), Some((least, most))) => {
            format!("{median:.digits$} [{least:.digits$}-{most:.digits$}]")
        }
        _ => "-".to_owned(),
    }
}

/// From the least to the most.
pub fn span(values: impl Iterator<Item = f64>) -> String {
    match bounds(values) {
        Some((least, most)) => format!("{least:.2} to {most:.2}"),
        None => "-".to_owned(),
    }
}

/// The least and the most.
pub fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .map(|value| (value, value))
        .reduce(|(least, most), (value, _)| (least.min(value), most.max(value)))
}

/// A number of bytes.
pub fn bytes(size: usize) -> String {
    match size {
        0x10_0000.. => format!("{} MiB", size >> 20),
        0x400.. => format!("{} KiB", size >> 10),
        _ => format!("{size} B"),
    }
}
