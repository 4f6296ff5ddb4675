//! Sessions that we write and the package reads.

use auth_runtime::codec::SeenNames;

use crate::generate::{Generated, is_boundary, sealed_chars};
use crate::jar::{Jar, chunks, expected_names};
use crate::json::{with_connections, with_exp};
use crate::options::{NOW, Options, at, scan};
use crate::oracle::{Request, oracle};
use crate::random::Random;
use crate::report::{Outcome, Report, cases, same};

#[test]
fn sessions_that_we_write_are_read_unchanged_by_the_package() {
    let mut report = Report::of("sessions we wrote, it read");
    let mut chunk_counts = [0; 13];
    let cases = cases(480);
    for case in &cases {
        report.case(*case, || write_ours(*case, &mut chunk_counts));
    }
    println!("interop: our sessions by number of chunks, from 0: {chunk_counts:?}");
    assert!(cases.len() == 1 || chunk_counts.iter().skip(2).all(|count| *count > 0), "{chunk_counts:?}");
    report.finish(300);
}

fn write_ours(case: u64, chunk_counts: &mut [usize; 13]) -> Outcome {
    let oracle = oracle();
    let mut random = Random::of_case(case);
    let now = NOW + random.seconds(1_000_000);
    let options = Options::draw(&mut random);
    let mut session = Generated::draw(case, &mut random, &options, now);
    // Only of a text in JavaScript's spelling is the length known to the character; the others keep theirs.
    let is_exact = is_boundary(case) || random.one_in(2);
    if is_exact {
        session = session.spelled_by(oracle);
    }
    let exp = options.our_exp(session.created_at, now);
    let bare = with_exp(&session.text, exp);
    session.fill(case, &mut random, &bare);

    let codec = options.owner();
    let lines = codec
        .write_json(&session.whole(), &SeenNames::default(), at(now))
        .map_err(|error| format!("we do not write it: {error}"))?;
    let lines: Vec<_> = lines.iter().map(|line| line.as_str().to_owned()).collect();
    let mut jar = Jar::default();
    jar.apply(&lines, now);
    let names = jar.names();
    if is_exact {
        let sealed = sealed_chars(with_exp(&session.text, exp).len());
        let expected = expected_names(options.name, sealed, session.connections.len());
        same("our cookies", &names.join(" "), &expected.join(" "))?;
        if options.rolling {
            let request = Request { options: &options, header: "", now, store: None };
            let (theirs, _) = oracle.write(&request, &session.whole());
            same("our attributes and its", &attributes(&lines), &attributes(&theirs))?;
        }
    }
    chunk_counts[chunks(&names, options.name)] += 1;

    let header = jar.header(&mut random, now);
    let cookies = scan(&header, &codec);
    // The package hands connections out in the order of the header.
    let index = |name: &str| name.trim_start_matches("__FC_").parse::<usize>().unwrap();
    let connections =
        cookies.connections.iter().map(|cookie| with_exp(&session.connections[index(&cookie.name)], exp));
    let expected =
        oracle.echo(&with_connections(&with_exp(&session.text, exp), &connections.collect::<Vec<_>>()));
    let request = Request { options: &options, header: &header, now, store: None };
    same("its reading", &oracle.read(&request).session()?, &expected)
}

/// The lines that keep a cookie, without its value, sorted. What is removed besides is each side's own choice.
pub(crate) fn attributes<L: AsRef<str>>(lines: &[L]) -> String {
    let mut kept: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            let (name, rest) = line.as_ref().split_once('=')?;
            let (value, attributes) = rest.split_once(';')?;
            (!value.is_empty()).then(|| format!("{name};{attributes}"))
        })
        .collect();
    kept.sort();
    kept.join("\n")
}
