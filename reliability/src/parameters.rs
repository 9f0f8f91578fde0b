//! What a scenario can be told.

use std::fmt;
use std::str::FromStr;

use crate::Result;

/// A parameter with its value for the page and its value for the tests.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name, as in `name=value`.
    pub name: &'static str,
    /// For the page.
    pub long: &'static str,
    /// For the tests.
    pub short: &'static str,
}

/// Shorthand for the tables of parameters.
pub(crate) const fn parameter(
    name: &'static str,
    long: &'static str,
    short: &'static str,
) -> Parameter {
    Parameter { name, long, short }
}

/// The parameters' values in one run.
#[derive(Debug, Clone, Default)]
pub struct Values(Vec<(String, String)>);

impl Values {
    pub(crate) fn new(values: impl IntoIterator<Item = (String, String)>) -> Values {
        Values(values.into_iter().collect())
    }

    /// From `name=value`s.
    pub fn parse(settings: &[String]) -> Result<Values> {
        let pair = |setting: &String| match setting.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
            None => Err(format!("{setting:?} is not of the form name=value")),
        };
        Ok(Values(settings.iter().map(pair).collect::<Result<_, _>>()?))
    }

    /// The value of that name, as it was given.
    pub fn text(&self, name: &str) -> Result<&str> {
        match self.0.iter().find(|(known, _)| known == name) {
            Some((_, value)) => Ok(value),
            None => Err(format!("{name} is missing").into()),
        }
    }

    /// The value of that name, such as a number.
    pub fn get<T: FromStr<Err: fmt::Display>>(&self, name: &str) -> Result<T> {
        let text = self.text(name)?;
        text.parse()
            .map_err(|error| format!("{name}={text}: {error}").into())
    }

    /// A list with commas.
    pub fn list(&self, name: &str) -> Result<Vec<&str>> {
        Ok(self.text(name)?.split(',').collect())
    }

    /// As `name=value`s.
    pub fn settings(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, value)| format!("{name}={value}"))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}
