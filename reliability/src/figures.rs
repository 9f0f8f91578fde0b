//! What a scenario measured.

use std::fmt;

/// Names and values, in the order in which they were noted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures(Vec<(String, String)>);

impl Figures {
    /// Notes a figure.
    pub fn note(&mut self, name: impl Into<String>, value: impl fmt::Display) {
        self.0.push((name.into(), value.to_string()));
    }

    /// The figure of that name, as it was printed.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The figure of that name, a whole number. A test that asks for one that is not there, or is no
    /// number, is wrong: it panics.
    #[track_caller]
    pub fn count(&self, name: &str) -> u64 {
        match self.get(name).map(str::parse) {
            Some(Ok(number)) => number,
            _ => panic!("no number of the name {name:?} in {self}"),
        }
    }

    /// The figures in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

/// `name value; name value`, numbers in groups of three digits.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{name} {}", grouped(value))?;
        }
        Ok(())
    }
}

fn grouped(value: &str) -> String {
    let digits = value
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(value.len());
    if digits < 5 {
        return value.to_owned();
    }
    let mut text = String::new();
    for (index, digit) in value[..digits].char_indices() {
        if index > 0 && (digits - index) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text + &value[digits..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_grouped_and_all_else_is_left() {
        for (value, shown) in [
            ("0", "0"),
            ("2026", "2026"),
            ("10000", "10 000"),
            ("1234567 KiB", "1 234 567 KiB"),
            ("tcp", "tcp"),
            ("0.25 ms", "0.25 ms"),
        ] {
            assert_eq!(grouped(value), shown);
        }
    }
}
