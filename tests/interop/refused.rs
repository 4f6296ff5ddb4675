//! Cookies that were changed on their way, and those that one side refuses on purpose.

use auth_runtime::codec::Reason;

use crate::generate::Generated;
use crate::jar::Jar;
use crate::options::{NOW, Options, at, scan};
use crate::oracle::{Read, Request, oracle};
use crate::random::Random;
use crate::report::{Report, cases, ensure, same};

#[test]
fn both_sides_refuse_the_same_changed_cookies() {
    let mut report = Report::of("changed cookies, judged alike");
    let (mut sessions, mut none) = (0, 0);
    for case in cases(600) {
        report.case(case, || {
            let count = if judge_changed(case)? { &mut sessions } else { &mut none };
            *count += 1;
            Ok(())
        });
    }
    println!("interop: of the changed cookies, {sessions} are still sessions and {none} are none");
    report.finish(600);
}

/// Where we differ on purpose: header and payload of a cookie that the package takes for a session, or answers
/// with an exception, and why it is none for us.
#[test]
fn every_difference_is_one_of_these() {
    let oracle = oracle();
    let mut report = Report::of("deliberate differences");
    let options = Options::default();
    let codec = options.owner_of_legacy();
    let current = r#"{"enc":"A256GCM","alg":"dir"}"#;
    let v3 = format!(r#"{{"alg":"dir","enc":"A256GCM","uat":{NOW},"iat":{NOW},"exp":{}}}"#, NOW + 60);
    let good = format!(
        r#"{{"user":{{"sub":"u"}},"tokenSet":{{}},"internal":{{"createdAt":{NOW}}},"exp":{}}}"#,
        NOW + 60
    );
    let changed = |from: &str, to: &str| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from} is in it");
        changed
    };
    let created_at = format!("\"createdAt\":{NOW}");
    let exp = format!("\"exp\":{}", NOW + 60);
    let with = |members: &str| changed("\"exp\"", &format!("{members},\"exp\""));
    // The algorithm is fixed. `crit` names an extension that nobody knows.
    let headers = [
        r#"{"enc":"A128CBC-HS256","alg":"dir"}"#.to_owned(),
        r#"{"enc":"A256GCM","alg":"A256KW"}"#.to_owned(),
        r#"{"enc":"A256GCM","alg":"A256GCMKW"}"#.to_owned(),
    ];
    let payloads = [
        ("no exp: it would be valid for ever", changed(&format!(",{exp}"), ""), Reason::WrongShape),
        ("an exp that is no number", changed(&exp, "\"exp\":\"1\""), Reason::WrongShape),
        ("an exp after the year 9999", changed(&exp, "\"exp\":1e300"), Reason::WrongShape),
        ("an nbf that lies ahead", with(&format!("\"nbf\":{}", NOW + 60)), Reason::NotYetValid),
        ("an nbf that is no number", with("\"nbf\":\"1\""), Reason::WrongShape),
        ("no user", changed(r#""user":{"sub":"u"},"#, ""), Reason::WrongShape),
        ("a user that is null", changed(r#"{"sub":"u"}"#, "null"), Reason::WrongShape),
        ("no subject", changed(r#""sub":"u""#, ""), Reason::WrongShape),
        ("an empty subject", changed(r#""sub":"u""#, r#""sub":"""#), Reason::WrongShape),
        ("a subject that is no string", changed(r#""sub":"u""#, r#""sub":1"#), Reason::WrongShape),
        ("half of a surrogate pair as subject", changed("\"u\"", r#""\ud83e""#), Reason::WrongShape),
        ("no tokens", changed(r#""tokenSet":{},"#, ""), Reason::WrongShape),
        ("tokens that are an array", changed(r#""tokenSet":{}"#, r#""tokenSet":[]"#), Reason::WrongShape),
        ("additional tokens that are no array", with(r#""accessTokens":{}"#), Reason::WrongShape),
        ("no creation time", changed(&created_at, ""), Reason::WrongShape),
        ("a creation time that is no integer", changed(&created_at, "\"createdAt\":1.5"), Reason::WrongShape),
        (
            "a creation time ahead",
            changed(&created_at, &format!("\"createdAt\":{}", NOW + 60)),
            Reason::WrongShape,
        ),
        (
            "longer ago than the absolute limit",
            changed(&created_at, &format!("\"createdAt\":{}", NOW - 259_200)),
            Reason::TooOld,
        ),
        (
            "the provider's limit, which the package checks elsewhere",
            changed(&created_at, &format!("{created_at},\"sessionExpiresAt\":{}", NOW + 30)),
            Reason::CeilingReached,
        ),
        ("the cookie that names a record", format!(r#"{{"id":"1","exp":{}}}"#, NOW + 60), Reason::WrongShape),
    ];
    let legacy = [
        (
            "a legacy session that its own header ends",
            v3.replace(&format!("\"exp\":{}", NOW + 60), &format!("\"exp\":{}", NOW - 15)),
            Reason::Expired,
        ),
        (
            "a legacy header without end",
            v3.replace(&format!(",\"exp\":{}", NOW + 60), ""),
            Reason::WrongShape,
        ),
        (
            "a legacy session not used for a day",
            v3.replace(&format!("\"uat\":{NOW}"), &format!("\"uat\":{}", NOW - 86_400)),
            Reason::IdleTooLong,
        ),
    ];
    let with_headers =
        headers.into_iter().map(|header| ("another algorithm", header, good.clone(), Reason::Malformed));
    let with_payloads =
        payloads.into_iter().map(|(what, payload, reason)| (what, current.to_owned(), payload, reason));
    let old = r#"{"user":{"sub":"u","sid":"s"},"accessToken":"a"}"#.to_owned();
    let with_legacy = legacy.into_iter().map(|(what, header, reason)| (what, header, old.clone(), reason));
    for (case, (what, header, payload, expected)) in
        with_headers.chain(with_payloads).chain(with_legacy).enumerate()
    {
        report.case(u64::try_from(case).unwrap(), || {
            let header = format!("__session={}", oracle.seal(options.secret, &header, &payload));
            let theirs = oracle.read(&Request { options: &options, header: &header, now: NOW, store: None });
            ensure(theirs != Read::None, || {
                format!("{what}: the package refuses it too, so it is no difference")
            })?;
            match codec.read(&scan(&header, &codec), at(NOW)) {
                Err(reason) if reason == expected => Ok(()),
                other => Err(format!("{what}: {expected} expected, found {other:?}")),
            }
        });
    }
    report.finish(0);
}

/// Returns whether both see a session after the change; an error if one does and the other does not.
fn judge_changed(case: u64) -> Result<bool, String> {
    let oracle = oracle();
    let mut random = Random::of_case(case);
    let mut options = Options { name: "__session", ..Options::draw(&mut random) };
    let mut session = Generated::draw(case, &mut random, &options, NOW);
    session.connections.clear();
    session.fill(case, &mut random, &session.text.clone());
    let mut jar = Jar::default();
    let request = Request { options: &options, header: "", now: NOW, store: None };
    jar.apply(oracle.write(&request, &session.text).0, NOW);
    let mut pairs: Vec<_> = jar.values().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();

    let mut now = NOW;
    let end = options.their_exp(session.created_at, NOW);
    let change = random.below(13);
    match change {
        FLIP => flip_bit(&mut pairs, &mut random),
        2 => drop(pairs.swap_remove(random.below(pairs.len()))),
        3 => options.secret = "c83d1f0a2b4c6e8d79f1c0d6a5be2774",
        // Fifteen seconds of tolerance; an owner also ends a session at its absolute limit, without any.
        4 => now = (end + 13 + random.seconds(4)).min(session.created_at + options.absolute - 1),
        5 => pairs.iter_mut().for_each(|(name, _)| *name = name.replace("__session", "other")),
        APPENDIX => {
            let (_, value) = &mut pairs[0];
            value.push_str(random.pick(&["=", "A", ".", "%20"]));
        }
        6 => {
            let (_, value) = &mut pairs[0];
            value.truncate(random.below(value.len()));
        }
        7 => pairs.push(("__session".to_owned(), random.pick(&["", "stale", "a.b.c.d.e"]).to_owned())),
        8 => pairs.push((format!("__session__{}", random.below(14)), "AAAA".to_owned())),
        9 => {
            let values: Vec<_> = pairs.iter().rev().map(|(_, value)| value.clone()).collect();
            pairs.iter_mut().zip(values).for_each(|((_, value), other)| *value = other);
        }
        10 => {
            let doubled = pairs[random.below(pairs.len())].clone();
            let at = random.below(pairs.len() + 1);
            pairs.insert(at, if random.one_in(2) { doubled } else { (doubled.0, "x".to_owned()) });
        }
        INSERTION => {
            let (_, value) = &mut pairs[0];
            let at = random.below(value.len());
            value.insert_str(at, random.pick(&["A", "=", ".", "%2E", "%41", "%", "\"", " ", "+", "/"]));
        }
        _ => {
            let (_, value) = &mut pairs[0];
            let encoded = format!("%{:02X}", value.as_bytes()[0]);
            value.replace_range(..1, &encoded);
        }
    }

    let header: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let header = header.join("; ");
    let theirs = oracle.read(&Request { options: &options, header: &header, now, store: None });
    let codec = options.owner();
    let ours = codec.read(&scan(&header, &codec), at(now));
    match (&ours, &theirs) {
        (Ok(ours), Read::Session(theirs)) => same("our reading and its", ours.document().as_str(), theirs)?,
        (Err(_), Read::None | Read::Throws(_)) => {}
        (Err(reason), Read::Session(_)) if RESPELLINGS.contains(&(change, *reason)) => {}
        _ => return Err(format!("we: {:?}; the package: {theirs:.80?}", ours.map(|_| "session"))),
    }
    Ok(ours.is_ok())
}

fn flip_bit(pairs: &mut [(String, String)], random: &mut Random) {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let pair = random.below(pairs.len());
    let (_, value) = &mut pairs[pair];
    let at = random.below(value.len());
    let Some(digit) = ALPHABET.find(&value[at..=at]) else { return };
    let flipped = digit ^ (1 << random.below(6));
    value.replace_range(at..=at, &ALPHABET[flipped..=flipped]);
}

const FLIP: usize = 0;
const APPENDIX: usize = 1;
const INSERTION: usize = 12;

/// The same bytes, authenticated, in another spelling than the only one that is written (RFC 4648 §3.5 and §3.3):
/// what the package's decoder passes over, ours refuses.
const RESPELLINGS: [(usize, Reason); 3] =
    [(FLIP, Reason::Malformed), (APPENDIX, Reason::Malformed), (INSERTION, Reason::Malformed)];
