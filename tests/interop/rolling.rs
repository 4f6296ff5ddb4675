//! Sessions that both sides write in turn, growing and shrinking.

use auth_runtime::codec::SessionDocument;

use crate::generate::{Generated, padded, sealed_chars};
use crate::jar::{Jar, expected_names};
use crate::json::{with_connections, with_exp};
use crate::options::{NOW, Options, at, scan};
use crate::oracle::{Request, oracle};
use crate::random::Random;
use crate::report::{Outcome, Report, cases, same};

#[test]
fn a_session_survives_being_written_by_both_sides_in_turn() {
    let mut report = Report::of("sessions rolled by both sides in turn, 8 writes each");
    for case in cases(75) {
        report.case(case, || roll(case));
    }
    report.finish(75);
}

fn roll(case: u64) -> Outcome {
    let mut random = Random::of_case(case);
    let options = Options::draw(&mut random);
    // Not among the smallest, so that it has something to lose.
    let Generated { text, connections, created_at } = Generated::draw(1, &mut random, &options, NOW);
    let mut rolled = Rolled { options, text, connections, created_at, jar: Jar::default(), now: NOW };
    let mut we_write = random.one_in(2);
    for step in 0..8 {
        rolled.change(&mut random, step > 0);
        rolled.write(we_write, &mut random).map_err(|what| {
            format!("step {step}, written by {}: {what}", if we_write { "us" } else { "the package" })
        })?;
        // Mostly in turn, sometimes twice by one side.
        we_write ^= !random.one_in(4);
    }
    Ok(())
}

/// A session, and the cookies that should hold it.
struct Rolled {
    options: Options,
    text: String,
    connections: Vec<String>,
    created_at: i64,
    jar: Jar,
    now: i64,
}

impl Rolled {
    /// Some seconds later, the session is larger or smaller and a connection came or went.
    fn change(&mut self, random: &mut Random, may_remove: bool) {
        self.now += random.seconds(9);
        let chars = random.pick(&[0, 0, 100, 2_300, 3_000, 9_000, 15_000, 20_000]) + random.below(400);
        self.text = padded(&self.text, &"x".repeat(chars));
        match random.below(4) {
            0 if may_remove => self.connections.truncate(random.below(3)),
            1 => self.connections.push(format!(r#"{{"accessToken":"at {chars}","connection":"github"}}"#)),
            _ => {}
        }
    }

    /// One side reads what is there, writes the changed session, and both read it.
    fn write(&mut self, we_write: bool, random: &mut Random) -> Outcome {
        let (oracle, codec) = (oracle(), self.options.owner());
        let header = self.jar.header(random, self.now);
        if we_write {
            let exp = self.options.our_exp(self.created_at, self.now);
            let seen = scan(&header, &codec).seen_names();
            let document = SessionDocument::parse(self.text.as_str()).map_err(|error| error.to_string())?;
            let lines = codec.write(&document, &self.connections, &seen, at(self.now));
            let lines = lines.map_err(|error| error.to_string())?;
            self.jar.apply(lines.iter().map(auth_runtime::codec::SetCookie::as_str), self.now);
            self.text = with_exp(&self.text, exp);
            self.connections = self.connections.iter().map(|text| with_exp(text, exp)).collect();
        } else {
            let exp = self.options.their_exp(self.created_at, self.now);
            let request = Request { options: &self.options, header: &header, now: self.now, store: None };
            let (lines, _) = oracle.write(&request, &with_connections(&self.text, &self.connections));
            self.jar.apply(&lines, self.now);
            // JavaScript rounds, and spells in its own way.
            self.text = oracle.echo(&with_exp(&self.text, exp));
            self.connections =
                self.connections.iter().map(|text| oracle.echo(&with_exp(text, exp))).collect();
        }
        self.check(random)
    }

    fn check(&mut self, random: &mut Random) -> Outcome {
        let (oracle, codec) = (oracle(), self.options.owner());
        let expected =
            expected_names(self.options.name, sealed_chars(self.text.len()), self.connections.len());
        same("the cookies afterwards", &self.jar.names().join(" "), &expected.join(" "))?;

        let header = self.jar.header(random, self.now);
        let cookies = scan(&header, &codec);
        let read = codec.read(&cookies, at(self.now)).map_err(|reason| format!("we read none: {reason}"))?;
        same("our reading", read.document().as_str(), &self.text)?;
        self.connections = codec.read_connections(&cookies, at(self.now));

        let request = Request { options: &self.options, header: &header, now: self.now, store: None };
        let expected = oracle.echo(&with_connections(&self.text, &self.connections));
        same("its reading", &oracle.read(&request).session()?, &expected)
    }
}
