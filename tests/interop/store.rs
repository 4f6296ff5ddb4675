//! Sessions in a store, of which the cookie holds the key alone.

use auth_runtime::codec::{SeenNames, SetCookie};

use crate::generate::Generated;
use crate::jar::Jar;
use crate::json::member;
use crate::options::{NOW, Options, at, scan};
use crate::oracle::{Request, oracle};
use crate::ours_to_theirs::attributes;
use crate::random::Random;
use crate::report::{Outcome, Report, cases, same};

#[test]
fn both_sides_find_the_record_that_the_cookie_of_the_other_names() {
    let mut report = Report::of("sessions in a store, found by the cookie of the other");
    for case in cases(120) {
        report.case(case, || find_records(case));
    }
    report.finish(120);
}

fn find_records(case: u64) -> Outcome {
    let oracle = oracle();
    let mut random = Random::of_case(case);
    let options = Options::draw(&mut random);
    let codec = options.owner();
    let session = Generated::draw(case, &mut random, &options, NOW);
    let expected = oracle.echo(&session.whole());

    let mut jar = Jar::default();
    let request = Request { options: &options, header: "", now: NOW, store: Some("{}") };
    let (theirs, store) = oracle.write(&request, &session.whole());
    jar.apply(&theirs, NOW);
    same("its cookie", &jar.names().join(" "), options.name)?;
    let header = jar.header(&mut random, NOW);
    let cookies = scan(&header, &codec);
    let id = codec.read_store_id(&cookies, at(NOW)).map_err(|reason| format!("we find no id: {reason}"))?;
    let record = member(&store.unwrap_or_default(), id.as_str()).ok_or("our id is not in its store")?;
    // A record with an `exp` of the past is one that its store should have dropped.
    let record = if random.one_in(2) { crate::json::with_exp(&record, NOW + 60) } else { record };
    let read = codec.read_record(&record, at(NOW));
    match read {
        Ok(read) => same("our reading", read.document().as_str(), &record)?,
        Err(reason) => return Err(format!("we read none: {reason}")),
    }

    // A new id of ours, or the one it chose written anew.
    let kept = Some(id).filter(|_| random.one_in(2));
    let seen = if kept.is_some() { cookies.seen_names() } else { SeenNames::default() };
    let (id, lines) = codec
        .write_store_id(kept, at(session.created_at), &seen, at(NOW))
        .map_err(|error| error.to_string())?;
    let ours: Vec<_> = lines.iter().map(SetCookie::as_str).collect();
    if options.rolling {
        same("our attributes and its", &attributes(&ours), &attributes(&theirs))?;
    }
    let mut jar = Jar::default();
    jar.apply(&ours, NOW);
    let header = jar.header(&mut random, NOW);
    let store = format!(r#"{{"{}":{}}}"#, id.as_str(), session.whole());
    let request = Request { header: &header, store: Some(&store), ..request };
    same("its reading", &oracle.read(&request).session()?, &expected)
}
