//! Signing out on one side what the other side signed in.

use crate::generate::Generated;
use crate::jar::Jar;
use crate::options::{NOW, Options, at, scan};
use crate::oracle::{Request, oracle};
use crate::random::Random;
use crate::report::{Outcome, Report, cases, same};

#[test]
fn each_side_removes_the_cookies_of_the_other() {
    let mut report = Report::of("sessions removed by the other side");
    for case in cases(120) {
        report.case(case, || remove(case));
    }
    report.finish(120);
}

fn remove(case: u64) -> Outcome {
    let oracle = oracle();
    let mut random = Random::of_case(case);
    let options = Options::draw(&mut random);
    let codec = options.owner();
    let mut session = Generated::draw(case, &mut random, &options, NOW).spelled_by(oracle);
    let text = session.text.clone();
    session.fill(case, &mut random, &text);

    let mut theirs = Jar::default();
    let request = Request { options: &options, header: "", now: NOW, store: None };
    theirs.apply(oracle.write(&request, &session.whole()).0, NOW);
    let header = theirs.header(&mut random, NOW);
    let seen = scan(&header, &codec).seen_names();
    theirs.apply(codec.clear(&seen).iter().map(auth_runtime::codec::SetCookie::as_str), NOW);
    same("what we left of its cookies", &theirs.names().join(" "), "")?;

    let mut ours = Jar::default();
    let lines = codec.write_json(&session.whole(), &auth_runtime::codec::SeenNames::default(), at(NOW));
    let lines = lines.map_err(|error| error.to_string())?;
    ours.apply(lines.iter().map(auth_runtime::codec::SetCookie::as_str), NOW);
    let header = ours.header(&mut random, NOW);
    ours.apply(oracle.delete(&Request { header: &header, ..request }), NOW);
    same("what it left of our cookies", &ours.names().join(" "), "")
}
