//! Requirements and the sessions that meet them or do not, case by case.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Requirement::{Acr, All, Amr, Any, Claim, MaxAge, Not, Org, Permissions, Roles, Scopes};
use super::{ClaimSource, ClaimSources, ClaimValue, Protection, Refused, Requirement, StepUp, evaluate};
use crate::session::{Origin, SessionDocument, VerifiedSession};
use crate::time::Timestamp;

type List = &'static [Requirement];

const NOW: i64 = 1_790_000_000;

/// Makes a session from the members of its user and of its token set.
fn session(user: &str, token_set: &str) -> VerifiedSession {
    let text = format!(
        r#"{{"user":{{"sub":"u"{}{user}}},"tokenSet":{{{token_set}}},"internal":{{"createdAt":{NOW}}}}}"#,
        if user.is_empty() { "" } else { "," }
    );
    let document = SessionDocument::parse(text).unwrap();
    VerifiedSession::new(document, None, Origin::default(), Timestamp::from_unix(NOW))
}

fn jwt(claims: &str) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
}

fn id_token(claims: &str) -> String {
    format!(r#""idToken":"{}""#, jwt(claims))
}

fn judge(requirements: List, session: &VerifiedSession) -> Result<(), Refused> {
    judge_from(requirements, session, &ClaimSources::default())
}

fn judge_from(requirements: List, session: &VerifiedSession, sources: &ClaimSources) -> Result<(), Refused> {
    let protection = Protection { requirements, ..Protection::SIGNED_IN };
    evaluate(&protection, session, sources, Timestamp::from_unix(NOW))
}

/// Returns whether a requirement is met, and whether its opposite is: never both, and neither when nothing is known.
fn both(requirement: List, opposite: List, session: &VerifiedSession) -> (bool, bool) {
    (judge(requirement, session).is_ok(), judge(opposite, session).is_ok())
}

const MET: (bool, bool) = (true, false);
const NOT_MET: (bool, bool) = (false, true);
const UNKNOWN: (bool, bool) = (false, false);

#[test]
fn grd_06_scopes_are_compared_as_whole_tokens_between_spaces() {
    let granted = |scope: &str| {
        let scope = serde_json::to_string(scope).unwrap();
        let session = session("", &format!(r#""scope":{scope}"#));
        both(&[Scopes(&["read:a", "read:b"])], &[Not(&Scopes(&["read:a", "read:b"]))], &session)
    };
    for scope in ["read:a read:b", "x read:b  read:a ", "read:a read:a read:b read:b"] {
        assert_eq!(granted(scope), MET, "{scope:?}");
    }
    for scope in [
        "",
        " ",
        "read:a",
        "read:a read:bb",
        "read:a read:",
        "read:a,read:b",
        "read:a\tread:b",
        "read:a\nread:b",
        "read:a\u{a0}read:b",
        "read:a\u{2003}read:b",
        "READ:A READ:B",
        "read:a read:b\u{0}",
        "read:a \"read:b\"",
    ] {
        assert_eq!(granted(scope), NOT_MET, "{scope:?}");
    }
    for raw in ["null", r#"["read:a","read:b"]"#, "1", "{}", r#""read:a read:b \ud83e""#] {
        let session = session("", &format!(r#""scope":{raw}"#));
        let judged = both(&[Scopes(&["read:a"])], &[Not(&Scopes(&["read:a"]))], &session);
        assert_eq!(judged, UNKNOWN, "{raw}");
    }
    assert_eq!(both(&[Scopes(&["a"])], &[Not(&Scopes(&["a"]))], &session("", "")), UNKNOWN);
}

#[test]
fn grd_06_an_empty_list_is_met_by_nobody() {
    let rich = session(r#""roles":["a"],"permissions":["a"],"acr":"a","amr":["a"]"#, r#""scope":"a""#);
    for requirements in [
        &[Scopes(&[])],
        &[Roles(&[])],
        &[Permissions(&[])],
        &[All(&[])],
        &[Any(&[])],
        &[Not(&All(&[]))],
        &[Not(&Any(&[]))],
        &[Not(&Scopes(&[]))],
        &[Not(&Roles(&[]))],
        &[Acr(&[])],
        &[Not(&Acr(&[]))],
        &[Amr(&[])],
    ] as [List; 12]
    {
        assert!(judge(requirements, &rich).is_err(), "{requirements:?}");
    }
}

#[test]
fn grd_07_rights_are_an_array_of_strings_or_nothing() {
    let judged = |raw: &str| {
        let held = session(&format!(r#""roles":{raw},"permissions":{raw}"#), "");
        let roles = both(&[Roles(&["a", "b"])], &[Not(&Roles(&["a", "b"]))], &held);
        let permissions = both(&[Permissions(&["a", "b"])], &[Not(&Permissions(&["a", "b"]))], &held);
        assert_eq!(roles, permissions, "{raw}");
        roles
    };
    for raw in [r#"["a","b"]"#, r#"["b","c","a","a"]"#, r#"["\u0061","b"]"#] {
        assert_eq!(judged(raw), MET, "{raw}");
    }
    for raw in ["[]", r#"["a"]"#, r#"["a b"]"#, r#"["a","B"]"#, r#"["ab"]"#] {
        assert_eq!(judged(raw), NOT_MET, "{raw}");
    }
    for raw in [
        r#""a b""#,
        r#""a,b""#,
        "null",
        "{}",
        r#"{"a":true,"b":true}"#,
        r#"[["a","b"]]"#,
        r#"["a","b",null]"#,
        r#"["a","b",1]"#,
        r#"["a","b",["c"]]"#,
        r#"["a","b","\ud83e"]"#,
        "true",
    ] {
        assert_eq!(judged(raw), UNKNOWN, "{raw}");
    }
    assert_eq!(both(&[Roles(&["a"])], &[Not(&Roles(&["a"]))], &session("", "")), UNKNOWN);
}

#[test]
fn the_first_source_that_has_a_claim_decides_whatever_it_says() {
    let judged = |user: &str, tokens: &str| judge(&[Roles(&["a"])], &session(user, tokens)).is_ok();
    let (with, without) = (r#"{"roles":["a"]}"#, r#"{"roles":["b"]}"#);
    let access_token = |claims| format!(r#""accessToken":"{}""#, jwt(claims));
    assert!(judged("", &id_token(with)));
    assert!(judged("", &access_token(with)));
    assert!(judged("", &format!("{},{}", id_token(with), access_token(without))));
    assert!(!judged("", &format!("{},{}", id_token(without), access_token(with))));
    assert!(!judged(r#""roles":null"#, &id_token(with)));
    assert!(judged(r#""roles":["a"]"#, &id_token(without)));
    // The last of two counts, as everywhere.
    assert!(judged(r#""roles":["b"],"roles":["a"]"#, ""));
    assert!(!judged(r#""roles":["a"],"roles":["b"]"#, ""));
}

#[test]
fn a_token_that_cannot_be_read_may_have_said_anything() {
    let broken = r#""idToken":"e30.e3.x""#;
    let session =
        |token: &str| session("", &format!(r#"{token},"accessToken":"{}""#, jwt(r#"{"roles":["a"]}"#)));
    assert_eq!(both(&[Roles(&["a"])], &[Not(&Roles(&["a"]))], &session(broken)), UNKNOWN);
    assert_eq!(both(&[Org(&[])], &[Not(&Org(&[]))], &session(broken)), UNKNOWN);
    // An encrypted one is nobody's but the provider's: the next source is asked.
    assert_eq!(both(&[Roles(&["a"])], &[Not(&Roles(&["a"]))], &session(r#""idToken":"a.b.c.d.e""#)), MET);
}

#[test]
fn claims_are_compared_as_json_values_without_coercion() {
    const TRUE: Requirement = Claim("c", ClaimValue::Bool(true));
    const ONE: Requirement = Claim("c", ClaimValue::Integer(1));
    const LEAST: Requirement = Claim("c", ClaimValue::Integer(i64::MIN));
    const TEXT: Requirement = Claim("c", ClaimValue::Text("ü/\u{fffd}"));
    let judged = |requirement: List, opposite, raw: &str| {
        both(requirement, opposite, &session(&format!(r#""c":{raw}"#), ""))
    };
    assert_eq!(judged(&[TRUE], &[Not(&TRUE)], "true"), MET);
    assert_eq!(judged(&[TRUE], &[Not(&TRUE)], "false"), NOT_MET);
    assert_eq!(judged(&[ONE], &[Not(&ONE)], "1"), MET);
    assert_eq!(judged(&[ONE], &[Not(&ONE)], "-1"), NOT_MET);
    assert_eq!(judged(&[LEAST], &[Not(&LEAST)], "-9223372036854775808"), MET);
    assert_eq!(judged(&[TEXT], &[Not(&TEXT)], r#""\u00fc\/\ufffd""#), MET);
    assert_eq!(judged(&[TEXT], &[Not(&TEXT)], r#""u""#), NOT_MET);
    for raw in ["\"true\"", "null", "[true]", "1"] {
        assert_eq!(judged(&[TRUE], &[Not(&TRUE)], raw), UNKNOWN, "{raw}");
    }
    for raw in ["\"1\"", "1.0", "1e0", "true", "9223372036854775808"] {
        assert_eq!(judged(&[ONE], &[Not(&ONE)], raw), UNKNOWN, "{raw}");
    }
    // Half of a surrogate pair is not the character that stands for what is no character.
    for raw in [r#""ü/\ud83e""#, "1", "null", r#"["ü/"]"#] {
        assert_eq!(judged(&[TEXT], &[Not(&TEXT)], raw), UNKNOWN, "{raw}");
    }
    assert_eq!(both(&[TRUE], &[Not(&TRUE)], &session("", "")), UNKNOWN);
    assert_eq!(both(&[TRUE], &[Not(&TRUE)], &session("", &id_token(r#"{"c":true}"#))), MET);
}

#[test]
fn a_session_without_an_organization_is_known_to_have_none() {
    let any = |session: &VerifiedSession| both(&[Org(&[])], &[Not(&Org(&[]))], session);
    let one = |session: &VerifiedSession| both(&[Org(&["org_1"])], &[Not(&Org(&["org_1"]))], session);
    let of = |raw: &str| session(&format!(r#""org_id":{raw}"#), "");
    assert_eq!((any(&of("\"org_1\"")), one(&of("\"org_1\""))), (MET, MET));
    assert_eq!((any(&of("\"org_2\"")), one(&of("\"org_2\""))), (MET, NOT_MET));
    assert_eq!((any(&session("", "")), one(&session("", ""))), (NOT_MET, NOT_MET));
    for raw in ["null", "1", "\"\"", r#"["org_1"]"#] {
        assert_eq!((any(&of(raw)), one(&of(raw))), (UNKNOWN, UNKNOWN), "{raw}");
    }
    assert_eq!(one(&session("", &id_token(r#"{"org_id":"org_1"}"#))), MET);
    assert_eq!(one(&session(r#""org_id":"org_2""#, &id_token(r#"{"org_id":"org_1"}"#))), NOT_MET);
}

#[test]
fn s_step_2_the_class_and_the_methods_of_the_sign_in_are_checked() {
    let acr = |raw: &str| {
        let session = session(r#""acr":"gold""#, &id_token(&format!(r#"{{"acr":{raw}}}"#)));
        both(&[Acr(&["silver", "gold"])], &[Not(&Acr(&["silver", "gold"]))], &session)
    };
    assert_eq!((acr("\"gold\""), acr("\"silver\"")), (MET, MET));
    assert_eq!((acr("\"bronze\""), acr("\"gold silver\""), acr("\"0\"")), (NOT_MET, NOT_MET, NOT_MET));
    assert_eq!((acr("null"), acr("[\"gold\"]"), acr("2")), (UNKNOWN, UNKNOWN, UNKNOWN));
    let amr = |raw: &str| {
        let session = session("", &id_token(&format!(r#"{{"amr":{raw}}}"#)));
        both(&[Amr(&["mfa", "pwd"])], &[Not(&Amr(&["mfa", "pwd"]))], &session)
    };
    assert_eq!((amr(r#"["pwd","mfa"]"#), amr(r#"["pwd"]"#)), (MET, NOT_MET));
    assert_eq!((amr("\"mfa\""), amr("null")), (UNKNOWN, UNKNOWN));
    // Without an ID token that says so, the session user counts.
    assert!(judge(&[Acr(&["gold"])], &session(r#""acr":"gold""#, "")).is_ok());
}

#[test]
fn s_step_2_a_sign_in_without_a_sensible_time_is_not_fresh() {
    let judged = |raw: &str| {
        let session = session("", &id_token(&format!(r#"{{"auth_time":{raw}}}"#)));
        both(&[MaxAge(300)], &[Not(&MaxAge(300))], &session)
    };
    for seconds in [NOW, NOW - 300, NOW + 60] {
        assert_eq!(judged(&seconds.to_string()), MET, "{seconds}");
    }
    for seconds in [NOW - 301, 0] {
        assert_eq!(judged(&seconds.to_string()), NOT_MET, "{seconds}");
    }
    let far = [NOW + 61, i64::MAX, i64::MIN, -1].map(|seconds| seconds.to_string());
    let other = ["null", "1790000000.0", "1.79e9", "\"1790000000\"", "9223372036854775808", "[]"];
    for raw in far.iter().map(String::as_str).chain(other) {
        assert_eq!(judged(raw), UNKNOWN, "{raw}");
    }
    assert_eq!(both(&[MaxAge(300)], &[Not(&MaxAge(300))], &session("", "")), UNKNOWN);
    // The longest age there is overflows nothing.
    assert!(judge(&[MaxAge(u64::MAX)], &session(r#""auth_time":0"#, "")).is_ok());
}

#[test]
fn groups_follow_kleene() {
    const YES: Requirement = Scopes(&["yes"]);
    const NO: Requirement = Scopes(&["no"]);
    const UNSAID: Requirement = Roles(&["unsaid"]);
    let session = session("", r#""scope":"yes""#);
    let cases: &[(List, List, (bool, bool))] = &[
        (&[All(&[YES, YES])], &[Not(&All(&[YES, YES]))], MET),
        (&[All(&[YES, UNSAID])], &[Not(&All(&[YES, UNSAID]))], UNKNOWN),
        (&[All(&[UNSAID, NO])], &[Not(&All(&[UNSAID, NO]))], NOT_MET),
        (&[Any(&[NO, YES])], &[Not(&Any(&[NO, YES]))], MET),
        (&[Any(&[UNSAID, YES])], &[Not(&Any(&[UNSAID, YES]))], MET),
        (&[Any(&[UNSAID, NO])], &[Not(&Any(&[UNSAID, NO]))], UNKNOWN),
        (&[Any(&[NO, NO])], &[Not(&Any(&[NO, NO]))], NOT_MET),
        (&[Not(&Not(&UNSAID))], &[Not(&Not(&Not(&UNSAID)))], UNKNOWN),
        (&[Not(&Not(&YES))], &[Not(&Not(&Not(&YES)))], MET),
    ];
    for (requirement, opposite, expected) in cases {
        assert_eq!(both(requirement, opposite, &session), *expected, "{requirement:?}");
    }
}

#[test]
fn rights_are_answered_before_the_sign_in_and_each_in_the_order_written() {
    let nobody = session("", "");
    let cases: &[(List, Refused)] = &[
        (&[Roles(&["r"]), Scopes(&["s"])], Refused::Roles),
        (&[Scopes(&["s"]), Roles(&["r"])], Refused::Scope(vec!["s"])),
        (&[MaxAge(300), Permissions(&["p"])], Refused::Permissions),
        (&[Acr(&["gold"]), All(&[Amr(&["mfa"]), Org(&[])])], Refused::Organization),
        (&[All(&[Acr(&["gold"]), All(&[Claim("c", ClaimValue::Bool(true))])])], Refused::Claims),
        (&[Any(&[Roles(&["r"]), Scopes(&["s"])])], Refused::Roles),
        (&[Any(&[All(&[Acr(&["gold"]), Roles(&["r"])]), Scopes(&["s"])])], Refused::Roles),
        (&[Not(&Roles(&["r"]))], Refused::AccessDenied),
        (&[Any(&[MaxAge(300), Scopes(&["s"])]), Roles(&["r"])], Refused::Roles),
        (
            &[Any(&[MaxAge(300), Scopes(&["s"])]), Acr(&["gold"])],
            Refused::UserAuthentication(
                StepUp::default().with_acr_values(["gold"]).with_max_age(std::time::Duration::from_secs(300)),
            ),
        ),
    ];
    for (requirements, expected) in cases {
        assert_eq!(judge(requirements, &nobody).unwrap_err(), *expected, "{requirements:?}");
    }
}

#[test]
fn s_step_1_of_alternatives_one_that_a_new_sign_in_would_meet_answers() {
    let nobody = session("", "");
    let five_minutes = || StepUp::default().with_max_age(std::time::Duration::from_secs(300));
    let gold = || StepUp::default().with_acr_values(["gold"]);
    let cases: &[(List, Refused)] = &[
        (&[Any(&[Roles(&["r"]), MaxAge(300)])], Refused::UserAuthentication(five_minutes())),
        (
            &[Any(&[All(&[Acr(&["gold"]), Roles(&["r"])]), All(&[MaxAge(300)])])],
            Refused::UserAuthentication(five_minutes()),
        ),
        (
            &[Any(&[Scopes(&["s"]), Any(&[Roles(&["r"]), Acr(&["gold"])])])],
            Refused::UserAuthentication(gold()),
        ),
        // No alternative is within reach, so a sign-in would be in vain, whatever else asks for it.
        (&[Acr(&["gold"]), Any(&[All(&[MaxAge(300), Roles(&["r"])]), Scopes(&["s"])])], Refused::Roles),
        (&[Acr(&["gold"]), Any(&[All(&[]), Any(&[])])], Refused::AccessDenied),
    ];
    for (requirements, expected) in cases {
        assert_eq!(judge(requirements, &nobody).unwrap_err(), *expected, "{requirements:?}");
    }
}

#[test]
fn s_step_1_a_challenge_asks_for_nothing_that_would_not_help() {
    const FRESH: Requirement = MaxAge(60);
    let editor = session(r#""roles":["editor"]"#, "");
    let gold = StepUp::default().with_acr_values(["gold"]);
    let challenge_of = |requirements| match judge(requirements, &editor).unwrap_err() {
        Refused::UserAuthentication(step_up) => step_up,
        other => panic!("{other:?}"),
    };
    // A group that is met already, and a member that lacks a right as well.
    assert_eq!(challenge_of(&[Acr(&["gold"]), Any(&[Roles(&["editor"]), FRESH])]), gold);
    assert_eq!(challenge_of(&[Any(&[All(&[FRESH, Roles(&["admin"])]), Acr(&["gold"])])]), gold);
    // What is met now has to hold after the sign-in too.
    let fresh = session(&format!(r#""auth_time":{NOW}"#), "");
    let refused = judge(&[FRESH, Acr(&["gold"])], &fresh).unwrap_err();
    let both = gold.with_max_age(std::time::Duration::from_secs(60));
    assert_eq!(refused, Refused::UserAuthentication(both));
}

#[test]
fn s_6750_2_a_lacking_scope_is_named_with_all_that_the_handler_needs() {
    let session = session("", r#""scope":"a""#);
    let refused = judge(&[Scopes(&["a"]), All(&[Scopes(&["b", "a"])]), Roles(&["r"])], &session);
    assert_eq!(refused.unwrap_err(), Refused::Scope(vec!["a", "b"]));
    let refused = judge(&[Any(&[Scopes(&["c"]), Scopes(&["d"])]), Scopes(&["a"])], &session);
    assert_eq!(refused.unwrap_err(), Refused::Scope(vec!["a", "c"]));
}

#[test]
fn each_datum_is_taken_from_where_it_was_configured() {
    let sources = ClaimSources::default()
        .with_scopes("scp", [ClaimSource::AccessToken])
        .with_roles("https://example.com/roles", [ClaimSource::IdToken])
        .with_permissions("rights", [ClaimSource::AccessToken, ClaimSource::SessionUser])
        .with_authentication([ClaimSource::SessionUser]);
    let claims = r#"{"scp":"s","https://example.com/roles":["r"],"rights":["p"],"acr":"gold"}"#;
    let tokens = format!(r#""scope":"x",{},"accessToken":"{}""#, id_token(claims), jwt(claims));
    let judged = |requirements, user| judge_from(requirements, &session(user, &tokens), &sources).is_ok();
    assert!(judged(&[Scopes(&["s"]), Roles(&["r"]), Permissions(&["p"])], r#""rights":[]"#));
    assert!(!judged(&[Scopes(&["x"])], ""));
    assert!(!judged(&[Acr(&["gold"])], ""));
    assert!(judged(&[Acr(&["gold"])], r#""acr":"gold""#));
}
