//! Sessions that the package writes and we read.

use crate::generate::{Generated, is_boundary, padded, sealed_chars};
use crate::jar::{Jar, chunks, expected_names};
use crate::json::{member, with_connections, with_exp};
use crate::options::{NOW, Options, at, scan};
use crate::oracle::{Request, oracle};
use crate::random::Random;
use crate::report::{Outcome, Report, cases, ensure, same};

#[test]
fn sessions_that_the_package_writes_are_read_unchanged() {
    let mut report = Report::of("sessions it wrote, we read");
    let mut chunk_counts = [0; 13];
    let cases = cases(480);
    for case in &cases {
        report.case(*case, || read_theirs(*case, &mut chunk_counts));
    }
    println!("interop: their sessions by number of chunks, from 0: {chunk_counts:?}");
    assert!(cases.len() == 1 || chunk_counts.iter().skip(2).all(|count| *count > 0), "{chunk_counts:?}");
    report.finish(300);
}

fn read_theirs(case: u64, chunk_counts: &mut [usize; 13]) -> Outcome {
    let oracle = oracle();
    let mut random = Random::of_case(case);
    let now = NOW + random.seconds(1_000_000);
    let options = Options::draw(&mut random);
    let mut session = Generated::draw(case, &mut random, &options, now);
    let exp = options.their_exp(session.created_at, now);
    let bare = oracle.echo(&with_exp(&session.text, exp));
    session.fill(case, &mut random, &bare);
    let pad = member(&session.text, "pad").unwrap();
    let expected = padded(&bare, pad.trim_matches('"'));

    let request = Request { options: &options, header: "", now, store: None };
    let (lines, _) = oracle.write(&request, &session.whole());
    let mut jar = Jar::default();
    jar.apply(&lines, now);
    let sealed = sealed_chars(expected.len());
    ensure(
        case.is_multiple_of(25) || !is_boundary(case) || matches!(sealed % 3500, 0 | 1) || pad == "\"\"",
        || format!("the test missed its boundary by {}", sealed % 3500),
    )?;
    let names = jar.names();
    same(
        "its cookies",
        &names.join(" "),
        &expected_names(options.name, sealed, session.connections.len()).join(" "),
    )?;
    chunk_counts[chunks(&names, options.name)] += 1;

    let read_at = now + random.seconds(options.inactivity.min(options.absolute) - 90) / 100;
    let header = jar.header(&mut random, read_at);
    let codec = if random.one_in(2) { options.owner() } else { options.verifier() };
    let cookies = scan(&header, &codec);
    let read = codec.read(&cookies, at(read_at)).map_err(|reason| format!("we read no session: {reason}"))?;
    same("our reading", read.document().as_str(), &expected)?;

    let connections = codec.read_connections(&cookies, at(read_at));
    let sorted = |mut texts: Vec<String>| {
        texts.sort();
        texts.join("\n")
    };
    let written = session.connections.iter().map(|text| oracle.echo(&with_exp(text, exp))).collect();
    same("our connections", &sorted(connections.clone()), &sorted(written))?;

    let request = Request { options: &options, header: &header, now: read_at, store: None };
    let theirs = oracle.read(&request).session()?;
    same("its own reading and ours", &with_connections(read.document().as_str(), &connections), &theirs)
}
