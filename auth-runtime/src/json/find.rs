//! Members of an object by their names, in one walk. What is not asked for is passed over unread.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Refused, for_each_member};

/// The raw values of the members called `names`, in the order of `names`; of several with one name the last one, as
/// JavaScript would find it. `None` when `text` is not exactly one JSON object.
pub(crate) fn members<'a, const N: usize>(text: &'a str, names: [&str; N]) -> Option<[Option<&'a str>; N]> {
    let quick = || {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let found = Members(names).deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(found)
    };
    quick().or_else(|| find(text, names, |_| Ok(())))
}

/// Like [`members`], but a member of `names` that is there twice is as bad as no object.
pub(crate) fn members_once<'a, const N: usize>(
    text: &'a str,
    names: [&str; N],
) -> Option<[Option<&'a str>; N]> {
    find(text, names, |earlier| match earlier {
        None => Ok(()),
        Some(_) => Err(Refused("a member is there twice")),
    })
}

/// The last member called `name`.
pub(crate) fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let [value] = members(text, [name])?;
    value
}

/// Any name that is JSON can be passed over; `earlier` judges what a value replaces.
fn find<'a, const N: usize>(
    text: &'a str,
    names: [&str; N],
    earlier: impl Fn(Option<&'a str>) -> Result<(), Refused>,
) -> Option<[Option<&'a str>; N]> {
    let mut values = [None; N];
    for_each_member(text, |key, value| {
        let place = names.iter().position(|name| key.is(name));
        match place.and_then(|place| values.get_mut(place)) {
            Some(place) => earlier(place.replace(value.get())),
            None => Ok(()),
        }
    })
    .ok()?;
    Some(values)
}

/// The raw values of the members with these names, for a walk through what is around the object. It is quick, and gives up
/// at the first name that is written with an escape.
pub(crate) struct Members<'n, const N: usize>(pub(crate) [&'n str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Members<'_, N> {
    type Value = [Option<&'de str>; N];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Members<'_, N> {
    type Value = [Option<&'de str>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object without escapes in its names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = [None; N];
        while let Some(name) = map.next_key::<&'de str>()? {
            let place = self.0.iter().position(|known| *known == name);
            match place.and_then(|place| values.get_mut(place)) {
                Some(value) => *value = Some(map.next_value::<&'de RawValue>()?.get()),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_the_last_of_a_name_however_it_is_escaped() {
        let text = r#"{"a":1,"x":{"a":2},"\u0061":[3] ,"b":null}"#;
        assert_eq!(members(text, ["b", "a", "c"]), Some([Some("null"), Some("[3]"), None]));
        assert_eq!(members_once(text, ["b", "a"]), None);
        assert_eq!(members_once(text, ["b", "x"]), Some([Some("null"), Some(r#"{"a":2}"#)]));
        assert_eq!(member(r#"{"a":1,"b":2,"a":{"b":3}}"#, "a"), Some(r#"{"b":3}"#));
    }

    #[test]
    fn the_quick_walk_takes_nothing_that_is_not_json() {
        let not_json = [
            "{\"a\":1,}",
            "{\"a\":1 \"b\":2}",
            "{a:1}",
            "{\"a\":01}",
            "{\"a\\x\":1}",
            "{\"a\":1}}",
            "[]",
            "",
        ];
        for text in not_json.map(String::from).into_iter().chain(
            ['\0', '\u{1f}', '\n', '\t'].into_iter().flat_map(|control| {
                [
                    format!("{{\"a{control}\":1}}"),
                    format!("{{\"a\":\"{control}\"}}"),
                    format!("{{\"b\":{{\"{control}\":1}}}}"),
                ]
            }),
        ) {
            assert!(for_each_member(&text, |_, _| Ok(())).is_err(), "{text:?}");
            assert_eq!(members(&text, ["a"]), None, "{text:?}");
        }
    }

    #[test]
    fn a_name_with_a_lone_surrogate_is_passed_over() {
        assert_eq!(member(r#"{"\ud800":1,"a":2}"#, "a"), Some("2"));
        assert_eq!(member(r#"{"b":{"\ud800":1},"a":2}"#, "a"), Some("2"));
    }
}
