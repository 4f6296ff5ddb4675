//! JSON objects of a given size, as a hostile writer would fill them.

use std::fmt::Write as _;

/// An object of just so many bytes that begins with the given members.
///
/// | shape | filled with |
/// |---|---|
/// | `members` | members with the shortest names |
/// | `names` | the same, but each name has an escape in it, so that it has to be decoded |
/// | `nested` | arrays nested as deeply as an object from the provider may be, which is 64 levels |
/// | `arrays` | the shortest values in one array |
/// | `text` | one text of escapes |
/// | `twice` | as `members`, but the last name is there twice |
pub(crate) fn object(first: &str, shape: &str, bytes: usize) -> String {
    let mut object = format!("{{{first}");
    match shape {
        "members" => fill(&mut object, bytes, |number| format!(",\"{number:X}\":0")),
        "names" => fill(&mut object, bytes, |number| format!(",\"\\u0041{number:X}\":0")),
        "nested" => {
            let value = format!("{}{}", "[".repeat(63), "]".repeat(63));
            fill(&mut object, bytes, |number| format!(",\"{number:X}\":{value}"));
        }
        "arrays" => {
            object.push_str(",\"0\":[0");
            fill(&mut object, bytes - 1, |_| ",0".to_owned());
            object.push(']');
        }
        "text" => {
            object.push_str(",\"0\":\"");
            fill(&mut object, bytes - 1, |_| "\\u0041".to_owned());
            object.push('"');
        }
        "twice" => {
            fill(&mut object, bytes - 8, |number| format!(",\"{number:X}\":0"));
            object.push_str(",\"0\":0");
        }
        _ => panic!("there is no shape `{shape}`"),
    }
    assert!(object.len() < bytes, "{} bytes without the end", object.len());
    let _ = write!(object, "{:1$}}}", "", bytes - 1 - object.len());
    object
}

/// Appends parts until the next one and a brace would be too long.
fn fill(object: &mut String, bytes: usize, part: impl Fn(usize) -> String) {
    for number in 0.. {
        let part = part(number);
        if object.len() + part.len() + 1 > bytes {
            return;
        }
        object.push_str(&part);
    }
}
