//! JSON lines: each input line is a JSON object and gets one line of answer, in order. A bad line is answered, never
//! fatal.

use std::fmt::Write as _;
use std::io::{self, BufRead, Read as _, Write};

use auth_runtime::codec::object_members;
use serde::Deserialize;

use crate::text::{decoded, on_one_line};

/// A function that answers one line: with JSON without its opening brace and `id`, or with what is wrong with the line.
pub(crate) type Answer = fn(&str) -> Result<String, String>;

/// Answers every line until the input ends.
pub(crate) fn run(input: &mut impl BufRead, out: &mut impl Write, answer: Answer) -> io::Result<()> {
    while let Some(line) = next_line(input)? {
        let Some(line) = line else {
            respond(out, "null", Err(format!("the line is longer than {MAX_LINE_BYTES} bytes")))?;
            continue;
        };
        match std::str::from_utf8(&line) {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => respond(out, &id_of(text), answer(text))?,
            Err(_) => respond(
                out,
                &id_of(&String::from_utf8_lossy(&line)),
                Err("the line is not UTF-8".to_owned()),
            )?,
        }
    }
    Ok(())
}

/// Reads the next line; `Some(None)` when it is too long to be kept.
#[expect(clippy::option_option, reason = "the end of the input and a line that was skipped are two things")]
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Option<Vec<u8>>>> {
    let mut line = Vec::new();
    if input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    // A line that fills the limit without an end goes on.
    let is_cut =
        line.last() != Some(&b'\n') && u64::try_from(line.len()).is_ok_and(|length| length >= MAX_LINE_BYTES);
    if !is_cut {
        return Ok(Some(Some(line)));
    }
    drop(line);
    input.skip_until(b'\n')?;
    Ok(Some(None))
}

fn respond(out: &mut impl Write, id: &str, answer: Result<String, String>) -> io::Result<()> {
    let members = answer.unwrap_or_else(|error| format!("\"error\":{}", string(&error)));
    writeln!(out, "{}", without_other_line_ends(format!("{{\"id\":{id},{members}}}")))?;
    out.flush()
}

/// Escapes the characters beside `\n` at which some readers end a line. In JSON they stand only in strings, where an
/// escape means the same.
fn without_other_line_ends(json: String) -> String {
    if !json.contains(OTHER_LINE_ENDS) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len().saturating_add(64));
    for c in json.chars() {
        if OTHER_LINE_ENDS.contains(&c) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Returns the raw JSON of the line's `id`, or `null`.
fn id_of(line: &str) -> String {
    let members = object_members(line).unwrap_or_default();
    let id = members.into_iter().rev().find(|(name, _)| decoded(name) == "id");
    id.map_or_else(|| "null".to_owned(), |(_, id)| on_one_line(id))
}

/// Returns `text` as a JSON string.
pub(crate) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Returns `values` as a JSON array of strings.
pub(crate) fn strings<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    let quoted: Vec<_> = values.into_iter().map(|value| string(&value.to_string())).collect();
    format!("[{}]", quoted.join(","))
}

/// Reads a line as the type that it should be.
pub(crate) fn read<'l, T: Deserialize<'l>>(line: &'l str) -> Result<T, String> {
    // A derived type would take its members from an array too.
    if !line.trim_start().starts_with('{') {
        return Err("the line is no JSON object".to_owned());
    }
    serde_json::from_str(line).map_err(|error| format!("the line is not as it should be: {error}"))
}

/// Characters that some readers take for the end of a line: next line, line separator, paragraph separator.
const OTHER_LINE_ENDS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Bytes of the longest line. Far above any session, because a whole store may stand on a line.
const MAX_LINE_BYTES: u64 = 64 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_line_for_every_reader() {
        let json = "{\"a\":\"x\u{2028}y\u{2029}\u{85}é\"}".to_owned();
        assert_eq!(without_other_line_ends(json), r#"{"a":"x\u2028y\u2029\u0085é"}"#);
    }
}
