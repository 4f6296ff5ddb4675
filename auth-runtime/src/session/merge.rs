//! The merge of what two requests changed in one session.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::reserved::{belongs_to_login, is_interpreted};
use super::token_set::{ExpiresAt, TokenSet};
use super::token_sets::keep_newest;
use crate::json::{self, Key, ObjectWriter};

/// Three versions of a JSON text: as both requests found it, as this request leaves it, and as the other request has
/// left it.
#[derive(Clone, Copy)]
pub(crate) struct Versions<'a> {
    pub(crate) base: &'a str,
    pub(crate) mine: &'a str,
    pub(crate) theirs: &'a str,
}

/// The failure of a merge: one of the three versions is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("one of the three versions of the session is not a session")]
pub(crate) struct MergeError;

type Merged = Result<Zeroizing<String>, MergeError>;

/// Returns `theirs` with all that `mine` changed. The merge looks at each member by itself, and inside of some at each
/// claim, each token for an API and each token of a federated connection. If both requests changed a member, that of
/// `mine` stays. If both renewed an access token, the token that is good for longer stays.
///
/// Both requests may have got another refresh token. The tokens do not show which one came later, so the caller says
/// which is `newest`; if it does not know, that of `mine` stays.
///
/// `mine` cannot add a member to which a reader of sessions gives a meaning, unless the login writes that member or
/// `base` has it already.
pub(crate) fn merged(versions: Versions<'_>, newest: Option<&str>) -> Merged {
    let may_add = |name: &str| belongs_to_login(name) || !is_interpreted(name);
    objects(versions, &may_add, &|name, member| match name {
        "user" | "internal" => objects(member, &anything, &|_, claim| owned(claim.mine)),
        "tokenSet" => token_sets(member, newest),
        // Two tokens for one audience and scope are the same token.
        "accessTokens" => lists(member, &|token| {
            [token.audience(), token.requested_scope().or_else(|| token.scope())].map(text)
        }),
        "connectionTokenSets" => {
            lists(member, &|token| [token.text("connection"), token.text("loginHint")].map(text))
        }
        _ => owned(member.mine),
    })
}

/// Merges two objects. A member that one request changed is as that request left it. A member that both changed is as
/// `settle` says, or as in `mine` if one of them removed it. A member that is new in `mine` is taken if it `may` be
/// added.
fn objects(
    versions: Versions<'_>,
    may: &dyn Fn(&str) -> bool,
    settle: &dyn Fn(&str, Versions<'_>) -> Merged,
) -> Merged {
    let Versions { base, mine, theirs } = versions;
    let (base, mine, theirs) = (Members::of(or(base, "{}"))?, Members::of(mine)?, Members::of(theirs)?);
    let is_new = |name: &str| !theirs.values.contains_key(name);
    let may_stay = |name: &str| base.values.contains_key(name) || may(name);
    let added = mine.in_order.iter().filter(|name| is_new(name) && may_stay(name));
    let mut out = Zeroizing::new(String::new());
    let mut object = ObjectWriter::begin(&mut out);
    for name in theirs.in_order.iter().chain(added) {
        let (was, own, other) = (base.get(name), mine.get(name), theirs.get(name));
        let one = if own == was { other } else { own };
        let Some((key, _)) = theirs.values.get(name).or_else(|| mine.values.get(name)) else { continue };
        match (own, other) {
            // Both requests changed it, and not to the same value.
            (Some(own), Some(other)) if own != other && was != Some(own) && was != Some(other) => {
                let versions = Versions { base: was.unwrap_or_default(), mine: own, theirs: other };
                object.copy(*key, &settle(name, versions)?);
            }
            _ => {
                if let Some(one) = one {
                    object.copy(*key, one);
                }
            }
        }
    }
    object.end();
    Ok(out)
}

/// Merges the tokens of the sign-in. The members that belong to the access token go with it.
fn token_sets(versions: Versions<'_>, newest: Option<&str>) -> Merged {
    let newest = newest.map(|token| Zeroizing::new(Value::from(token).to_string()));
    let mut together = objects(versions, &anything, &|name, member| match name {
        "refreshToken" => owned(newest.as_ref().map_or(member.mine, |raw| raw.as_str())),
        _ => owned(member.mine),
    })?;
    let token = |set| json::member(set, "accessToken");
    let [was, own, other] = [or(versions.base, "{}"), versions.mine, versions.theirs].map(token);
    // Both requests renewed the access token: its members must not be mixed.
    if own != was && other != was {
        let good = if is_later(versions.theirs, versions.mine) { versions.theirs } else { versions.mine };
        for name in OF_ACCESS_TOKEN {
            together = json::with_member(&together, name, json::member(good, name)).ok_or(MergeError)?;
        }
    }
    Ok(together)
}

/// Merges two lists of token sets: `theirs`, with the elements that `mine` added or changed, and without those that it
/// removed. Elements with the same `name` are the same token set; an element without a name equals no other. The list
/// is cut as after any other change, so many requests at once do not make it longer than one request does.
fn lists(versions: Versions<'_>, name: &dyn Fn(&TokenSet<'_>) -> [Option<String>; 2]) -> Merged {
    let (base, mine) = (elements(or(versions.base, "[]"))?, elements(versions.mine)?);
    let mut all: Vec<&str> = elements(versions.theirs)?;
    let [was, is]: [HashSet<&str>; 2] = [&base, &mine].map(|elements| elements.iter().copied().collect());
    // An element that was there and is not in `mine` was removed by this request.
    all.retain(|raw| !was.contains(raw) || is.contains(raw));
    let mut places = HashMap::new();
    for (place, raw) in all.iter().enumerate() {
        places.entry(name(&TokenSet::new(raw))).or_insert(place);
    }
    for own in mine.into_iter().filter(|raw| !was.contains(raw)) {
        let own_name = name(&TokenSet::new(own));
        let [first, _] = &own_name;
        let place = first.as_ref().and_then(|_| places.get(&own_name)).copied();
        match place.and_then(|place| all.get_mut(place)) {
            // The other request has renewed the token too, and its token is good for longer.
            Some(other) if is_later(other, own) => {}
            Some(other) => *other = own,
            None => {
                places.entry(own_name).or_insert(all.len());
                all.push(own);
            }
        }
    }
    keep_newest(&mut all, |raw| raw.len());
    Ok(Zeroizing::new(format!("[{}]", all.join(","))))
}

/// Returns whether the access token of `one` is good for longer than that of `other`. False if an end is not known.
fn is_later(one: &str, other: &str) -> bool {
    match (TokenSet::new(one).expires_at(), TokenSet::new(other).expires_at()) {
        (ExpiresAt::At(one), ExpiresAt::At(other)) => one > other,
        _ => false,
    }
}

/// The members of an object. Of a member that is there twice the last value counts, as for every reader.
#[derive(Default)]
struct Members<'a> {
    /// The names in the order of the text, each once.
    in_order: Vec<Cow<'a, str>>,
    values: HashMap<Cow<'a, str>, (Key<'a>, &'a str)>,
}

impl<'a> Members<'a> {
    fn of(text: &'a str) -> Result<Self, MergeError> {
        let mut members = Self::default();
        json::for_each_member(text, |key, value| {
            let name = name(key);
            if members.values.insert(name.clone(), (key, value.get())).is_none() {
                members.in_order.push(name);
            }
            Ok(())
        })
        .map_err(|_| MergeError)?;
        Ok(members)
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.values.get(name).map(|(_, value)| *value)
    }
}

/// Returns the decoded name, so that names are the same however they are escaped. A name with a lone surrogate, which
/// no Rust string can hold, stays as it is written.
fn name(key: Key<'_>) -> Cow<'_, str> {
    let name = key.decoded();
    if name.contains(char::REPLACEMENT_CHARACTER) { Cow::Borrowed(key.raw()) } else { name }
}

/// Permits every name.
fn anything(_name: &str) -> bool {
    true
}

/// Returns `empty` for the text of a member that was not there before.
fn or<'a>(text: &'a str, empty: &'a str) -> &'a str {
    if text.is_empty() { empty } else { text }
}

fn elements(text: &str) -> Result<Vec<&str>, MergeError> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| MergeError)?;
    Ok(elements.into_iter().map(RawValue::get).collect())
}

fn text(text: Option<Cow<'_, str>>) -> Option<String> {
    text.map(Cow::into_owned)
}

#[expect(clippy::unnecessary_wraps, reason = "what settles a member may fail")]
fn owned(raw: &str) -> Merged {
    Ok(Zeroizing::new(raw.to_owned()))
}

/// The members of a token set that belong to its access token.
const OF_ACCESS_TOKEN: [&str; 6] =
    ["accessToken", "expiresAt", "scope", "requestedScope", "audience", "token_type"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::session::token_sets::MAX_TOKEN_SETS;

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    fn of(base: &Value, mine: &Value, theirs: &Value, newest: Option<&str>) -> Value {
        let [base, mine, theirs] = [base, mine, theirs].map(ToString::to_string);
        value(&merged(Versions { base: &base, mine: &mine, theirs: &theirs }, newest).unwrap())
    }

    #[test]
    fn what_only_one_changed_is_kept_whichever_it_was() {
        let base = json!({ "user": { "sub": "u", "name": "A" }, "kept": 1.0, "gone": 1, "left": 1 });
        let mine = json!({ "user": { "sub": "u", "name": "B" }, "kept": 1.0, "left": 1, "cart": [1] });
        let theirs =
            json!({ "user": { "sub": "u", "name": "A", "x": 1 }, "kept": 1.0, "gone": 1, "seen": 2 });
        let both =
            json!({ "user": { "sub": "u", "name": "B", "x": 1 }, "kept": 1.0, "seen": 2, "cart": [1] });
        assert_eq!(of(&base, &mine, &theirs, None), both);
        assert_eq!(of(&base, &theirs, &mine, None), both);
        assert_eq!(of(&base, &base, &theirs, None), theirs);
        assert_eq!(of(&base, &mine, &base, None), mine);
    }

    #[test]
    fn of_what_both_changed_it_is_mine_that_stays() {
        let (base, mine, theirs) = (json!({ "a": 1 }), json!({ "a": 2 }), json!({ "a": 3 }));
        assert_eq!(of(&base, &mine, &theirs, None), mine);
        assert_eq!(of(&base, &json!({}), &theirs, None), json!({}));
        assert_eq!(of(&base, &mine, &json!({}), None), mine);
    }

    #[test]
    fn tokens_for_different_apis_are_both_kept() {
        let token = |audience: &str, token: &str, end: u32| json!({ "audience": audience, "requestedScope": "r", "accessToken": token, "expiresAt": end });
        let base = json!({ "accessTokens": [token("a", "a0", 1), token("old", "o", 1)] });
        let mine = json!({ "accessTokens": [token("a", "a1", 9), token("b", "b1", 9)] });
        let theirs =
            json!({ "accessTokens": [token("a", "a2", 8), token("old", "o", 1), token("c", "c1", 9)] });
        let all = json!({ "accessTokens": [token("a", "a1", 9), token("c", "c1", 9), token("b", "b1", 9)] });
        assert_eq!(of(&base, &mine, &theirs, None), all);
        assert_eq!(of(&json!({}), &mine, &json!({}), None), mine);
    }

    #[test]
    fn dos_04_many_requests_at_once_do_not_make_a_session_grow() {
        let token = |number: usize| json!({ "audience": number.to_string(), "accessToken": "t" });
        let base: Vec<_> = (0..MAX_TOKEN_SETS).map(token).collect();
        let mut record = json!({ "accessTokens": base });
        for number in 100..200 {
            // Each of them read the session as it was at first, and made room for a token of its own.
            let mut mine = base[1..].to_vec();
            mine.push(token(number));
            record = of(&json!({ "accessTokens": base }), &json!({ "accessTokens": mine }), &record, None);
            let tokens = record["accessTokens"].as_array().unwrap();
            assert!(tokens.len() <= MAX_TOKEN_SETS, "{}", tokens.len());
            assert_eq!(tokens.last(), Some(&token(number)));
        }
    }

    #[test]
    fn lists_of_any_length_are_merged_in_a_time_that_grows_with_them_alone() {
        let list = |kind: &str| {
            let tokens: Vec<_> =
                (0..20_000).map(|number| format!(r#"{{"audience":"{kind}{number}"}}"#)).collect();
            format!(r#"{{"accessTokens":[{}]}}"#, tokens.join(","))
        };
        let (base, mine, theirs) = (list("a"), list("b"), list("c"));
        let began = std::time::Instant::now();
        merged(Versions { base: &base, mine: &mine, theirs: &theirs }, None).unwrap();
        // In tens of milliseconds; each with each other takes minutes.
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    }

    #[test]
    fn an_access_token_goes_with_its_end_and_the_refresh_token_is_the_newest() {
        let set = |access: &str, end: u32, refresh: &str| json!({ "tokenSet": { "accessToken": access, "expiresAt": end, "refreshToken": refresh } });
        let (base, mine, theirs) = (set("a0", 1, "r0"), set("a1", 7, "r1"), set("a2", 9, "r2"));
        assert_eq!(of(&base, &mine, &theirs, Some("r2")), theirs);
        assert_eq!(of(&base, &mine, &theirs, None), set("a2", 9, "r1"));
        assert_eq!(of(&base, &theirs, &mine, None), set("a2", 9, "r2"));
        // Only one of the two got a refresh token.
        assert_eq!(of(&base, &set("a1", 7, "r0"), &set("a0", 1, "r2"), None), set("a1", 7, "r2"));
    }

    #[test]
    fn what_is_not_changed_keeps_its_bytes_and_a_name_is_the_same_however_it_is_written() {
        let versions = Versions {
            base: r#"{"a":1.0,"\ud83e":2,"caf\u00e9":1}"#,
            mine: r#"{"a":1.0,"\ud83e":2,"café":2}"#,
            theirs: r#"{"a":1.0,"\ud83e":2,"caf\u00e9":1,"n":9007199254740993}"#,
        };
        let merged = merged(versions, None).unwrap();
        assert_eq!(&**merged, r#"{"a":1.0,"\ud83e":2,"caf\u00e9":2,"n":9007199254740993}"#);
    }

    #[test]
    fn a_scope_that_only_one_changed_goes_with_the_token_that_it_was_granted_for() {
        let set = |access: &str, end: u32, scope: &str| json!({ "tokenSet": { "accessToken": access, "expiresAt": end, "scope": scope } });
        let (base, less, same) = (set("a0", 1, "r w"), set("a1", 7, "r"), set("a2", 9, "r w"));
        assert_eq!(of(&base, &less, &same, None), same);
        assert_eq!(of(&base, &same, &less, None), same);
    }

    #[test]
    fn of_a_name_that_is_there_twice_the_last_counts_and_what_has_no_name_is_kept() {
        let versions = |base, mine, theirs| Versions { base, mine, theirs };
        let twice = versions(r#"{"a":1,"a":2}"#, r#"{"a":1,"a":2,"b":1}"#, r#"{"a":1,"a":2}"#);
        assert_eq!(&**merged(twice, None).unwrap(), r#"{"a":2,"b":1}"#);
        let broken = r#"{"\ud83e":1,"\ud83f":2}"#;
        assert_eq!(&**merged(versions(broken, broken, broken), None).unwrap(), broken);
        let lists =
            versions(r#"{"accessTokens":[1]}"#, r#"{"accessTokens":[1,2]}"#, r#"{"accessTokens":[1,{}]}"#);
        assert_eq!(&**merged(lists, None).unwrap(), r#"{"accessTokens":[1,{},2]}"#);
    }

    #[test]
    fn a_merge_adds_nothing_that_a_reader_interprets() {
        let base = json!({ "user": { "sub": "u" }, "internal": { "createdAt": 1 }, "data": 1 });
        let mut mine = base.clone();
        for name in ["header", "id", "idToken", "state", "__proto__", "sub", "own"] {
            mine[name] = json!({ "iat": 1 });
        }
        let mut theirs = base.clone();
        theirs["seen"] = json!(1);
        let mut both = theirs.clone();
        both["own"] = json!({ "iat": 1 });
        assert_eq!(of(&base, &mine, &theirs, None), both);
        // However the name is written.
        let [base, theirs] = [&base, &theirs].map(ToString::to_string);
        let mine = base.replacen('{', r#"{"h\u0065ader":{"iat":1},"#, 1);
        let merged = merged(Versions { base: &base, mine: &mine, theirs: &theirs }, None).unwrap();
        assert_eq!(value(&merged), value(&theirs));
    }

    #[test]
    fn pay_27_what_is_no_session_is_not_merged() {
        for text in ["null", "", "[]", "{"] {
            let versions = Versions { base: "{}", mine: r#"{"a":1}"#, theirs: text };
            assert_eq!(merged(versions, None).unwrap_err(), MergeError, "{text}");
        }
    }
}
