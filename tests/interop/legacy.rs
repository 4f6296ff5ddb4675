//! Sessions of the package's previous major version, until the first write replaces them.

use auth_runtime::codec::{Reason, SetCookie};
use serde_json::json;

use crate::jar::{Jar, expected_names};
use crate::json::{member, with_exp};
use crate::options::{NOW, Options, at, scan};
use crate::oracle::{Read, Request, oracle};
use crate::random::Random;
use crate::report::{Outcome, Report, cases, ensure, same};

#[test]
fn sessions_of_the_previous_major_version_are_read_and_replaced() {
    let mut report = Report::of("legacy sessions read, and replaced by the first write");
    for case in cases(100) {
        report.case(case, || upgrade(case));
    }
    report.finish(100);
}

#[test]
fn signed_ids_of_the_previous_major_version_lead_to_their_record() {
    let mut report = Report::of("legacy sessions in a store");
    for case in cases(60) {
        report.case(case, || follow_signed_id(case));
    }
    report.finish(60);
}

fn upgrade(case: u64) -> Outcome {
    let oracle = oracle();
    let mut random = Random::of_case(case);
    let options = usual_lifetime(&mut random);
    let created_at = NOW - random.seconds(3_600);
    let (text, chars) = (session(&mut random, case), random.below(3_000));
    let mut jar = Jar::default();
    let request = Request { options: &options, header: "", now: NOW, store: None };
    jar.apply(oracle.write_v3(&request, &text, created_at, "").0, NOW);

    let header = jar.header(&mut random, NOW);
    let request = Request { header: &header, ..request };
    let refused = options.owner().read(&scan(&header, &options.owner()), at(NOW)).map(|_| ()).unwrap_err();
    ensure(refused == Reason::LegacyDisabled, || format!("with legacy off: {refused}"))?;

    let codec = options.owner_of_legacy();
    let cookies = scan(&header, &codec);
    let read = codec.read(&cookies, at(NOW)).map_err(|reason| format!("we read none: {reason}"))?;
    let document = read.document();
    same("our reading and its", document.as_str(), &oracle.read(&request).session()?)?;

    // A session that grew since, or not.
    let mut text = document.as_str().to_owned();
    if random.one_in(2) {
        text = crate::json::with_member(&text, "pad", &format!("\"{}\"", "x".repeat(chars)));
    }
    let lines = codec.write_json(&text, &cookies.seen_names(), at(NOW));
    let lines = lines.map_err(|error| error.to_string())?;
    jar.apply(lines.iter().map(SetCookie::as_str), NOW);
    let expected = with_exp(&text, options.our_exp(created_at, NOW));
    let names = expected_names(options.name, crate::generate::sealed_chars(expected.len()), 0);
    same("the cookies afterwards", &jar.names().join(" "), &names.join(" "))?;
    let header = jar.header(&mut random, NOW);
    same("its reading of ours", &oracle.read(&Request { header: &header, ..request }).session()?, &expected)
}

fn follow_signed_id(case: u64) -> Outcome {
    let oracle = oracle();
    let mut random = Random::of_case(case);
    let options = usual_lifetime(&mut random);
    let created_at = NOW - random.seconds(3_600);
    let id = format!("{}-{:x}_{}", random.next(), random.next(), case);
    let mut jar = Jar::default();
    let request = Request { options: &options, header: "", now: NOW, store: Some("{}") };
    let (lines, store) = oracle.write_v3(&request, &session(&mut random, case), created_at, &id);
    let store = store.unwrap_or_default();
    jar.apply(lines, NOW);

    let header = jar.header(&mut random, NOW);
    let request = Request { header: &header, store: Some(&store), ..request };
    let owner = options.owner();
    let refused = owner.read_store_id(&scan(&header, &owner), at(NOW)).map(|_| ()).unwrap_err();
    ensure(refused == Reason::LegacyDisabled, || format!("with legacy off: {refused}"))?;

    let codec = options.owner_of_legacy();
    let cookies = scan(&header, &codec);
    let found =
        codec.read_store_id(&cookies, at(NOW)).map_err(|reason| format!("we find no id: {reason}"))?;
    same("the id", found.as_str(), &id)?;
    let record = member(&store, &id).ok_or("the store has no such record")?;
    let read = codec.read_record(&record, at(NOW)).map_err(|reason| format!("we read none: {reason}"))?;
    same("our reading and its", read.document().as_str(), &oracle.read(&request).session()?)?;

    // One character of the signature makes it nobody's.
    let forged = header.replacen(&format!("{id}."), &format!("{id}x."), 1);
    let accepted = codec.read_store_id(&scan(&forged, &codec), at(NOW)).is_ok();
    ensure(!accepted, || "a signature over another id counts".to_owned())?;
    let theirs = oracle.read(&Request { header: &forged, ..request });
    ensure(theirs == Read::None, || format!("the package reads a forged id: {theirs:?}"))?;

    // The first write gives a cookie of today, and takes the old one away.
    let (_, lines) = codec
        .write_store_id(Some(found), at(created_at), &cookies.seen_names(), at(NOW))
        .map_err(|error| error.to_string())?;
    jar.apply(lines.iter().map(SetCookie::as_str), NOW);
    same("the cookies afterwards", &jar.names().join(" "), options.name)?;
    let header = jar.header(&mut random, NOW);
    let theirs = oracle.read(&Request { header: &header, ..request }).session()?;
    same("its reading of ours", &theirs, read.document().as_str())
}

/// Options under which the previous major version, too, lets a session of an hour live.
fn usual_lifetime(random: &mut Random) -> Options {
    let (absolute, inactivity) = (259_200, 86_400);
    Options { absolute, inactivity, ..Options::draw(random) }
}

fn session(random: &mut Random, case: u64) -> String {
    let claims =
        "claim \u{e9}\u{1f980}\u{2028} ".repeat(random.below(usize::try_from(case).unwrap() * 6 + 1));
    let mut session = json!({
        "user": {
            "sub": "auth0|ada", "name": "Zo\u{eb}", "claims": claims, "float": 1.5, "https://example.com/roles": ["a"],
        },
        "idToken": "header.payload.signature",
        "accessToken": "at",
        "accessTokenScope": "openid profile",
        "accessTokenExpiresAt": NOW + 3_600,
        "refreshToken": "rt",
        "token_type": "Bearer",
        "custom": { "kept": false },
    });
    if random.one_in(2) {
        session["user"]["sid"] = json!("sid_1");
    }
    for optional in ["refreshToken", "idToken", "accessTokenExpiresAt"] {
        if random.one_in(3) {
            session.as_object_mut().unwrap().remove(optional);
        }
    }
    session.to_string()
}
