//! What this version writes, beside what the version before wrote: a rollback signs nobody out.
//!
//! The version before cannot be run here. But it reads what it wrote itself, so each cookie, record and shared value is
//! described member by member, and both descriptions have to be equal. A difference that the version before can live
//! with is listed, with the reason why it can.

use std::collections::{BTreeMap, BTreeSet};

use auth_tests::{HEADER, IV, SECRET, derive, seal_raw, unseal};

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

const AMENDMENTS: &[Amendment] = &[];

#[tokio::test]
async fn what_is_written_now_is_what_the_version_before_reads() {
    let mut expected = shape(&recorded());
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
    let written = recording::record("present", 0).await;
    let differences = differences(&expected, &shape(&written));
    assert!(
        differences.is_empty(),
        "the version before does not write this. If it reads it, say why in AMENDMENTS:\n{}",
        differences.join("\n")
    );
}

#[test]
fn a_description_sees_every_part_of_what_is_written() {
    let before = shape(&recorded());
    let sees = |change: &dyn Fn(&mut BTreeMap<String, crate::recorded::Case>), path: &str| {
        let mut changed = recorded();
        change(&mut changed.cases);
        let differences = differences(&before, &shape(&changed));
        assert!(
            !differences.is_empty() && differences.iter().all(|line| line.contains(path)),
            "{differences:?}"
        );
    };
    let reseal = |cases: &mut BTreeMap<String, crate::recorded::Case>,
                  header: &[u8],
                  text: &dyn Fn(String) -> String| {
        let cookie = cases.get_mut("whole").unwrap().cookies.get_mut("__session").unwrap();
        let (_, plaintext) = unseal(derive(SECRET), cookie);
        *cookie = seal_raw(SECRET, header, text(plaintext).as_bytes(), IV);
    };
    sees(
        &|cases| reseal(cases, br#"{"enc":"A256GCM","alg":"dir","gen":1}"#, &|text| text),
        "whole/cookies/__session/header",
    );
    sees(
        &|cases| reseal(cases, HEADER, &|text| text.replace("\"createdAt\"", "\"created\"")),
        "whole/cookies/__session/sealed/internal/created",
    );
    sees(
        &|cases| {
            let attributes = cases.get_mut("whole").unwrap().attributes.get_mut("__session").unwrap();
            attributes.push_str("; Partitioned");
        },
        "whole/cookies/__session/attributes",
    );
    sees(
        &|cases| {
            for kept in cases.get_mut("stored").unwrap().records.values_mut() {
                kept.text = kept.text.replace("\"connectionTokenSets\"", "\"more\"");
            }
        },
        "stored/records/",
    );
    sees(
        &|cases| {
            cases
                .get_mut("user revoked")
                .unwrap()
                .values
                .values_mut()
                .for_each(|value| value.text = "never".to_owned());
        },
        "user revoked/values/revoked:sub:<64 hex>/text",
    );
    sees(
        &|cases| cases.get_mut("renewed").unwrap().values.values_mut().for_each(|value| value.seconds = 60),
        "renewed/values/refresh:<64 hex>/seconds",
    );
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
