//! When the fault is over: what was answered as done is done, and the same instance works.

use std::time::{Duration, Instant};

use auth_tests::{Answer, Browser, World};
use http::{Method, StatusCode};

use super::table::{Operation, Outcome};
use super::trial::{Scene, Trial};
use crate::instance::{ADA, GRACE, NEW, log_out, sign_out};

/// Asks past the proxy what the fault has left behind of the session.
pub(crate) async fn effect_problems(
    scene: &Scene,
    trial: &Trial,
    outcome: Outcome,
    answer: &Answer,
) -> Vec<String> {
    let mut browser = trial.browser.clone();
    let problem = match (trial.operation, outcome) {
        (Operation::Get, _) => is_in(scene, &browser, "the session is lost").await,
        (Operation::Create, Outcome::AsUsual) => {
            browser.keep(answer);
            is_in(scene, &browser, "a sign-in that has left no session").await
        }
        (Operation::Create, _) => {
            browser.keep(answer);
            is_out(scene, &browser, "a false sign-in").await
        }
        (Operation::Update, outcome) => {
            let word = browser.peek(&scene.calm, "/word").await;
            let may_be_as_before = outcome != Outcome::AsUsual && word.body.is_empty();
            let is_right = word.status == StatusCode::OK && (word.body == NEW || may_be_as_before);
            (!is_right).then(|| format!("what was changed is {} {:?}", word.status, word.body))
        }
        (Operation::Touch, outcome) => {
            let end = scene.end(&scene.calm, &browser).await;
            let is_right = !end.is_empty() && (outcome != Outcome::AsUsual || end > trial.end);
            (!is_right).then(|| format!("it ended at {} and ends at {end:?}", trial.end))
        }
        (Operation::Delete | Operation::LogoutToken, Outcome::AsUsual) => {
            is_out(scene, &browser, "what was said to be removed is there").await
        }
        // Whoever was told so tries again.
        (Operation::Delete, _) => {
            sign_out(&scene.calm, &mut browser).await;
            is_out(scene, &trial.browser, "signing out again does not help").await
        }
        (Operation::LogoutToken, _) => {
            let again = log_out(&scene.calm, &trial.token).await;
            if again.status == StatusCode::OK {
                is_out(scene, &browser, "the same logout token again does not help").await
            } else {
                Some(format!("the same logout token again: {}", again.status))
            }
        }
    };
    problem.into_iter().collect()
}

async fn is_in(scene: &Scene, browser: &Browser, otherwise: &str) -> Option<String> {
    let me = browser.peek(&scene.calm, "/me").await;
    let is_right = me.status == StatusCode::OK && me.body == ADA;
    (!is_right).then(|| format!("{otherwise}: {} {:.80}", me.status, me.body))
}

async fn is_out(scene: &Scene, browser: &Browser, otherwise: &str) -> Option<String> {
    let me = browser.peek(&scene.calm, "/me").await;
    (me.status != StatusCode::UNAUTHORIZED).then(|| format!("{otherwise}: {} {:.80}", me.status, me.body))
}

/// The server has forgotten all sessions, and that is no disturbance.
pub(crate) async fn nothing_left_problems(scene: &Scene, trial: &Trial) -> Vec<String> {
    is_out(scene, &trial.browser, "a session that is gone").await.into_iter().collect()
}

/// Waits until the instance that had the fault signs people in and out, and says how long that took.
pub(crate) async fn until_it_works(scene: &Scene, instance: &World, keeps: bool) -> Result<Duration, String> {
    let begin = Instant::now();
    loop {
        match attempt(scene, instance, keeps).await {
            Ok(()) => return Ok(begin.elapsed()),
            Err(Attempt::Wrong(problem)) => return Err(problem),
            Err(Attempt::NotYet(problem)) if begin.elapsed() > RECOVERY => {
                return Err(format!("it does not work again: {problem}"));
            }
            Err(Attempt::NotYet(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

enum Attempt {
    NotYet(String),
    Wrong(String),
}

async fn attempt(scene: &Scene, instance: &World, keeps: bool) -> Result<(), Attempt> {
    let witness = scene.witness.peek(instance, "/me").await;
    let is_right = if keeps {
        witness.status == StatusCode::OK && witness.body == GRACE
    } else {
        witness.status == StatusCode::UNAUTHORIZED
    };
    demand(is_right, &witness)?;

    let mut browser = Browser::default();
    let callback = instance.begin_with(&mut browser, "/auth/login", ADA).await;
    let answer = browser.get(instance, &callback).await;
    demand(answer.status == StatusCode::SEE_OTHER, &answer)?;
    let changed = browser.get(instance, "/change").await;
    demand(changed.status == StatusCode::OK, &changed)?;
    let word = browser.get(instance, "/word").await;
    demand(word.status == StatusCode::OK && word.body == NEW, &word)?;
    let before = browser.clone();
    let answer = browser.send(instance, Method::POST, "/auth/logout").await;
    demand(answer.status == StatusCode::SEE_OTHER, &answer)?;
    let after = before.peek(instance, "/me").await;
    demand(after.status == StatusCode::UNAUTHORIZED, &after)
}

/// A fault may last for a moment longer; an answer that is wrong is wrong at any time.
fn demand(is_right: bool, answer: &Answer) -> Result<(), Attempt> {
    if is_right {
        return Ok(());
    }
    let problem = format!("{} {:.80}", answer.status, answer.body);
    Err(match answer.status {
        StatusCode::SERVICE_UNAVAILABLE => Attempt::NotYet(problem),
        _ => Attempt::Wrong(format!("after the fault: {problem}")),
    })
}

const RECOVERY: Duration = Duration::from_secs(12);
