//! Lines of ZPL, the format of certificates ([ZeroMQ RFC 4]): names, indented by four spaces for each
//! level, and their values.
//!
//! [ZeroMQ RFC 4]: https://rfc.zeromq.org/spec/4/

use std::str;

/// A broken rule, in words that quote nothing of the line.
pub(super) type Rule = &'static str;

/// czmq takes no longer ones.
const LONGEST: usize = 1024;

/// What a line says, if it is not empty and no comment.
pub(super) struct Item<'t> {
    /// How deep it stands: 0 is a section.
    pub level: usize,
    pub name: &'t str,
    /// Empty where there is none.
    pub value: &'t [u8],
}

/// Reads a line, which may end with a carriage return.
pub(super) fn item(line: &[u8]) -> Result<Option<Item<'_>>, Rule> {
    let line = line.trim_ascii_end();
    let indented = line.trim_ascii_start();
    if indented.is_empty() || indented[0] == b'#' {
        return Ok(None);
    }
    let spaces = line.iter().take_while(|&&byte| byte == b' ').count();
    if spaces % 4 != 0 || line[spaces].is_ascii_whitespace() {
        return Err("lines are indented by four spaces for each level");
    }
    let line = &line[spaces..];
    let end = line
        .iter()
        .position(|&byte| !is_of_name(byte))
        .unwrap_or(line.len());
    let name = str_of(&line[..end])?;
    check_name(name)?;
    let rest = line[end..].trim_ascii_start();
    let value = match rest.split_first() {
        Some((b'=', rest)) => value(rest.trim_ascii_start())?,
        _ => {
            check_end(rest, "a name is followed by `=` and a value, or by nothing")?;
            &[]
        }
    };
    Ok(Some(Item {
        level: spaces / 4,
        name,
        value,
    }))
}

/// In quotes of either kind, or up to a comment.
fn value(text: &[u8]) -> Result<&[u8], Rule> {
    match text.split_first() {
        Some((&quote @ (b'"' | b'\''), rest)) => {
            let end = rest
                .iter()
                .position(|&byte| byte == quote)
                .ok_or("the quote at the end of the value is missing")?;
            check_end(
                &rest[end + 1..],
                "only a comment can follow a value in quotes",
            )?;
            Ok(&rest[..end])
        }
        _ => {
            let end = text.iter().position(|&byte| byte == b'#');
            Ok(text[..end.unwrap_or(text.len())].trim_ascii_end())
        }
    }
}

fn check_end(rest: &[u8], rule: Rule) -> Result<(), Rule> {
    match rest.trim_ascii_start().first() {
        None | Some(b'#') => Ok(()),
        Some(_) => Err(rule),
    }
}

/// A value as text.
pub(super) fn text(value: &[u8]) -> Result<&str, Rule> {
    let text = str_of(value)?;
    if text.chars().any(|c| c.is_control() && c != '\t') {
        return Err("a text has no control characters");
    }
    Ok(text)
}

fn str_of(bytes: &[u8]) -> Result<&str, Rule> {
    str::from_utf8(bytes).map_err(|_| "a text is in UTF-8")
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"$-_@.&+/".contains(&byte)
}

pub(super) fn check_name(name: &str) -> Result<(), Rule> {
    if name.is_empty() || !name.bytes().all(is_of_name) {
        Err("a name is made of letters, digits and `$-_@.&+/`")
    } else if name.starts_with('/') || name.ends_with('/') {
        Err("a name neither begins nor ends with `/`")
    } else {
        Ok(())
    }
}

/// The quotes that a value can stand in, if it can be written at all.
pub(super) fn quotes(name: &str, value: &str) -> Result<char, Rule> {
    check_name(name)?;
    text(value.as_bytes())?;
    if name.len() + value.len() + "     = \"\"".len() > LONGEST {
        return Err("name and text do not fit into a line of 1024 bytes");
    }
    match (value.contains('"'), value.contains('\'')) {
        (false, _) => Ok('"'),
        (true, false) => Ok('\''),
        (true, true) => Err("a text has quotes of one kind only"),
    }
}
