//! What this version writes, beside what the version before wrote: a rollback signs nobody out.
//!
//! The version before cannot be run here. But it reads what it wrote itself, so each cookie, record and shared value is
//! described member by member, and both descriptions have to be equal. A difference that the version before can live
//! with is listed, with the reason why it can.

use std::collections::BTreeSet;

use auth_tests::{HEADER, IV, SECRET, derive, seal_raw, unseal};

use crate::recorded::{Case, Recorded};
use crate::recording;
use crate::shape::{Shape, shape};
use crate::upgrade::recorded;

/// A part that is no longer written as in the version before, and is read by it all the same.
struct Amendment {
    /// As in the description.
    path: &'static str,
    /// What the version before wrote. Nothing for a part that is new.
    was: &'static [&'static str],
    /// What this version writes. Nothing for a part that is gone.
    is: &'static [&'static str],
    /// How the version before reads it, or whom it signs out.
    because: &'static str,
}

const AMENDMENTS: &[Amendment] = &[
    Amendment {
        path: "unavailable/values/refresh:<64 hex>/sealed/failure/error/Unavailable/code",
        was: &[],
        is: &["text"],
        because: "the version before passes over members of an entry that it does not know",
    },
    Amendment {
        path: "connection/cookies/__FC_0/sealed/boundTo",
        was: &[],
        is: &["object"],
        because: "the version before passes over members of a connection's token set that it does not know",
    },
    Amendment {
        path: "connection/cookies/__FC_0/sealed/boundTo/createdAt",
        was: &[],
        is: &["integer"],
        because: "as `boundTo`",
    },
    Amendment {
        path: "connection/cookies/__FC_0/sealed/boundTo/sid",
        was: &[],
        is: &["text"],
        because: "as `boundTo`",
    },
    Amendment {
        path: "connection/cookies/__FC_0/sealed/boundTo/sub",
        was: &[],
        is: &["text"],
        because: "as `boundTo`",
    },
    Amendment {
        path: "stored and sealed/records/<64 hex>/header",
        was: &[r#"{"enc":"A256GCM","alg":"dir"}"#],
        is: &[r#"{"enc":"A256GCM","alg":"dir","end":1790086400,"generation":1790000001}"#],
        because: "the version before passes over members of the header that it does not know",
    },
];

/// The beginning of the keys of shared values that the version before neither reads nor writes.
const NEW_VALUES: &str = "/values/ended:";

/// Over TLS the cookie of a sign-in that is under way has another name. The version before does not find it: the user has to
/// begin that sign-in again, and nobody is signed out.
fn rename_transactions(shape: Shape) -> Shape {
    let renamed = |path: String| {
        if path.starts_with("transaction of a developer/") {
            path
        } else {
            path.replace("/cookies/__txn_<state>", "/cookies/__Host-__txn_<state>")
        }
    };
    shape.into_iter().map(|(path, texts)| (renamed(path), texts)).collect()
}

#[tokio::test]
async fn what_is_written_now_is_what_the_version_before_reads() {
    let mut expected = rename_transactions(shape(&recorded()));
    for Amendment { path, was, is, because } in AMENDMENTS {
        assert!(!because.is_empty(), "{path}");
        let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(
            expected.remove(*path).unwrap_or_default(),
            set(was),
            "{path} was not as the amendment says"
        );
        if !is.is_empty() {
            expected.insert((*path).to_owned(), set(is));
        }
    }
    let mut written = shape(&recording::record("present", 0).await);
    written.retain(|path, _| !path.contains(NEW_VALUES));
    let differences = differences(&expected, &written);
    assert!(
        differences.is_empty(),
        "the version before does not write this. If it reads it, say why in AMENDMENTS:\n{}",
        differences.join("\n")
    );
}

#[test]
fn a_description_sees_every_part_of_what_is_written() {
    type Change = fn(&mut Recorded);
    let changes: [(Change, &str); 6] = [
        (|it| reseal(it, br#"{"enc":"A256GCM","alg":"dir","gen":1}"#, ""), "whole/cookies/__session/header"),
        (|it| reseal(it, HEADER, "createdAt"), "whole/cookies/__session/sealed/internal/created"),
        (
            |it| case(it, "whole").attributes.get_mut("__session").unwrap().push_str("; Partitioned"),
            "whole/cookies/__session/attributes",
        ),
        (
            |it| {
                for kept in case(it, "stored").records.values_mut() {
                    kept.text = kept.text.replace("\"connectionTokenSets\"", "\"more\"");
                }
            },
            "stored/records/",
        ),
        (
            |it| {
                for value in case(it, "user revoked").values.values_mut() {
                    "never".clone_into(&mut value.text);
                }
            },
            "user revoked/values/revoked:sub:<64 hex>/text",
        ),
        (
            |it| {
                for value in case(it, "renewed").values.values_mut() {
                    value.seconds = 60;
                }
            },
            "renewed/values/refresh:<64 hex>/seconds",
        ),
    ];
    let before = shape(&recorded());
    for (change, path) in changes {
        let mut other = recorded();
        change(&mut other);
        let differences = differences(&before, &shape(&other));
        let is_seen = !differences.is_empty() && differences.iter().all(|line| line.contains(path));
        assert!(is_seen, "{path}: {differences:?}");
    }
}

fn case<'r>(recorded: &'r mut Recorded, name: &str) -> &'r mut Case {
    recorded.cases.get_mut(name).unwrap()
}

/// Seals the whole session anew, under this header, without the last two letters of a member's name.
fn reseal(recorded: &mut Recorded, header: &[u8], member: &str) {
    let cookie = case(recorded, "whole").cookies.get_mut("__session").unwrap();
    let (_, mut plaintext) = unseal(derive(SECRET), cookie);
    if let Some(cut) = member.strip_suffix("At") {
        plaintext = plaintext.replace(&format!("\"{member}\""), &format!("\"{cut}\""));
    }
    *cookie = seal_raw(SECRET, header, plaintext.as_bytes(), IV);
}

fn differences(expected: &Shape, found: &Shape) -> Vec<String> {
    let paths: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let differing = paths.into_iter().filter(|path| expected.get(*path) != found.get(*path));
    let text =
        |parts: Option<&BTreeSet<String>>| parts.map_or("nothing".to_owned(), |parts| format!("{parts:?}"));
    differing
        .map(|path| format!("{path}: was {}, is {}", text(expected.get(path)), text(found.get(path))))
        .collect()
}
