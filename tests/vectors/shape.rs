//! A description of what was written, member by member and opened: what stays when times, names and tokens are others.

use std::collections::{BTreeMap, BTreeSet};

use auth_tests::{SECRET, derive, derive_for_stores, unseal};
use serde_json::Value;

use crate::recorded::{Case, Kept, Recorded};

/// What stands at each path. Where there are several of a kind, all that they have.
pub(crate) type Shape = BTreeMap<String, BTreeSet<String>>;

pub(crate) fn shape(recorded: &Recorded) -> Shape {
    let mut shape = Shape::new();
    for (name, case) in &recorded.cases {
        cookies(&mut shape, &format!("{name}/cookies"), case);
        for (key, kept) in &case.records {
            record(&mut shape, &format!("{name}/records/{}", kind(key)), key, kept);
        }
        for (folder, values) in [("values", &case.values), ("leases", &case.leases)] {
            for (key, value) in values {
                let path = format!("{name}/{folder}/{}", key_kind(key));
                note(&mut shape, &format!("{path}/seconds"), value.seconds.to_string());
                if value.text.contains("..") {
                    sealed_under(&mut shape, &path, key, &value.text);
                } else {
                    note(&mut shape, &format!("{path}/text"), kind(&value.text));
                }
            }
        }
    }
    shape
}

fn cookies(shape: &mut Shape, path: &str, case: &Case) {
    let mut values: BTreeMap<String, BTreeMap<usize, &str>> = BTreeMap::new();
    for (name, value) in &case.cookies {
        let (name, index) =
            chunk(name).map_or_else(|| (cookie_kind(name), 0), |(base, index)| (format!("{base}__n"), index));
        values.entry(name).or_default().insert(index, value);
    }
    for (name, attributes) in &case.attributes {
        let name = chunk(name).map_or_else(|| cookie_kind(name), |(base, _)| format!("{base}__n"));
        note(shape, &format!("{path}/{name}/attributes"), attributes.clone());
    }
    for (name, chunks) in values {
        let path = format!("{path}/{name}");
        if chunks.len() > 1 {
            note(shape, &format!("{path}/first"), chunks[&0].len().to_string());
        }
        let value: String = chunks.into_values().collect();
        let (time, container) = value.split_once("%3A").unwrap_or(("", &value));
        if !time.is_empty() {
            note(shape, &format!("{path}/before"), kind(time));
        }
        let (header, plaintext) = unseal(derive(SECRET), container);
        note(shape, &format!("{path}/header"), header);
        members(shape, &format!("{path}/sealed"), &plaintext);
    }
}

/// All chunks are one value; `__FC_0` is a cookie of its own.
fn chunk(name: &str) -> Option<(&str, usize)> {
    let (base, index) = name.rsplit_once("__")?;
    Some((base, index.parse().ok()?))
}

fn record(shape: &mut Shape, path: &str, key: &str, kept: &Kept) {
    if kept.text.starts_with('{') {
        members(shape, &format!("{path}/text"), &kept.text);
    } else {
        sealed_under(shape, path, key, &kept.text);
    }
    note(shape, &format!("{path}/lives"), (kept.expires_at - kept.written_at).to_string());
    for (name, text) in [("iss", &kept.iss), ("sub", &kept.sub), ("sid", &kept.sid)] {
        note(shape, &format!("{path}/{name}"), text.as_deref().map_or("nothing".to_owned(), kind));
    }
}

fn sealed_under(shape: &mut Shape, path: &str, key: &str, container: &str) {
    let (header, plaintext) = unseal(derive_for_stores(SECRET), container);
    note(shape, &format!("{path}/header"), header);
    let bound = plaintext.strip_prefix(key).and_then(|rest| rest.strip_prefix('\n'));
    note(shape, &format!("{path}/bound"), bound.is_some().to_string());
    members(shape, &format!("{path}/sealed"), bound.unwrap_or(&plaintext));
}

fn members(shape: &mut Shape, path: &str, json: &str) {
    value(shape, path, &serde_json::from_str(json).unwrap());
}

fn value(shape: &mut Shape, path: &str, json: &Value) {
    match json {
        Value::Null => note(shape, path, "null".to_owned()),
        Value::Bool(_) => note(shape, path, "boolean".to_owned()),
        Value::Number(number) if number.is_i64() => note(shape, path, "integer".to_owned()),
        Value::Number(_) => note(shape, path, "number".to_owned()),
        Value::String(text) => note(shape, path, kind(text)),
        Value::Array(elements) => {
            note(shape, path, "array".to_owned());
            for element in elements {
                value(shape, &format!("{path}/[]"), element);
            }
        }
        Value::Object(object) => {
            note(shape, path, "object".to_owned());
            for (name, member) in object {
                value(shape, &format!("{path}/{name}"), member);
            }
        }
    }
}

fn note(shape: &mut Shape, path: &str, what: String) {
    shape.entry(path.to_owned()).or_default().insert(what);
}

/// What kind of text it is.
fn kind(text: &str) -> String {
    let is_hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match text.len() {
        32 | 64 if is_hexadecimal => format!("<{} hex>", text.len()),
        _ if text.parse::<i64>().is_ok() => "integer".to_owned(),
        _ if text.starts_with("eyJ") && text.matches('.').count() == 2 => "JWT".to_owned(),
        _ => "text".to_owned(),
    }
}

/// `refresh:<hash>` and its like: what comes before the hash is the key's kind.
fn key_kind(key: &str) -> String {
    let (before, last) = key.rsplit_once(':').unwrap_or(("", key));
    format!("{before}:{}", kind(last))
}

/// The name of a transaction is its state.
fn cookie_kind(name: &str) -> String {
    match name.split_once("__txn_") {
        Some((before, _)) => format!("{before}__txn_<state>"),
        None => name.to_owned(),
    }
}
