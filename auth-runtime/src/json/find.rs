//! Members of an object by their names, found in one walk. Other members are passed over unread.

use super::scan::Scan;
use super::{Refused, for_each_member};

/// Returns the raw values of the members called `names`, in the order of `names`. Of several members with one name the
/// last one counts, as in JavaScript. `None` when `text` is not exactly one JSON object.
pub(crate) fn members<'a, const N: usize>(text: &'a str, names: [&str; N]) -> Option<[Option<&'a str>; N]> {
    find(text, names).map(|found| found.values)
}

/// Like [`members`], but `None` also when a member of `names` is there twice.
pub(crate) fn members_once<'a, const N: usize>(
    text: &'a str,
    names: [&str; N],
) -> Option<[Option<&'a str>; N]> {
    find(text, names).filter(|found| !found.has_repeated).map(|found| found.values)
}

/// Returns the raw value of the last member called `name`.
pub(crate) fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let [value] = members(text, [name])?;
    value
}

struct Found<'a, const N: usize> {
    values: [Option<&'a str>; N],
    has_repeated: bool,
}

impl<'a, const N: usize> Found<'a, N> {
    const NOTHING: Self = Self { values: [None; N], has_repeated: false };

    fn put(&mut self, place: Option<usize>, value: &'a str) {
        if let Some(place) = place.and_then(|place| self.values.get_mut(place)) {
            self.has_repeated |= place.replace(value).is_some();
        }
    }
}

fn find<'a, const N: usize>(text: &'a str, names: [&str; N]) -> Option<Found<'a, N>> {
    let mut found = Found::NOTHING;
    let quick = Scan::whole(text, |scan, name| {
        found.put(names.iter().position(|known| known.as_bytes() == name), scan.raw(Scan::value)?);
        Some(())
    });
    if quick.is_some() {
        return Some(found);
    }
    // The quick walk gave up somewhere, so the parser begins anew.
    let mut found = Found::NOTHING;
    for_each_member(text, |key, value| {
        found.put(names.iter().position(|known| key.is(known)), value.get());
        Ok::<_, Refused>(())
    })
    .ok()?;
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_the_last_of_a_name_however_it_is_escaped() {
        let text = r#"{"a":1,"x":{"a":2},"\u0061":[3] ,"b":null}"#;
        assert_eq!(members(text, ["b", "a", "c"]), Some([Some("null"), Some("[3]"), None]));
        assert_eq!(members_once(text, ["b", "a"]), None);
        assert_eq!(members_once(r#"{"a":1,"a":1}"#, ["a"]), None);
        assert_eq!(members_once(text, ["b", "x"]), Some([Some("null"), Some(r#"{"a":2}"#)]));
        assert_eq!(member(r#"{"a":1,"b":2,"a":{"b":3}}"#, "a"), Some(r#"{"b":3}"#));
    }

    #[test]
    fn a_name_with_a_lone_surrogate_is_passed_over() {
        assert_eq!(member(r#"{"\ud800":1,"a":2}"#, "a"), Some("2"));
        assert_eq!(member(r#"{"b":{"\ud800":1},"a":2}"#, "a"), Some("2"));
    }
}
