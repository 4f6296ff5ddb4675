//! Two instances, one store that is slow at the wrong moment, and a refresh token that is good once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::*;
use crate::crypto::{Entropy, KeyRing, Secret};
use crate::oidc::{ProviderError, TokenError};
use crate::refresh::outcome::Renewed;
use crate::refresh::refresher::Wanted;
use crate::shared::{KeyValueStore, SharedValues, StoreFuture};
use crate::time::Timestamp;

/// Values with ends by the clock of the tests.
#[derive(Clone, Debug, Default)]
struct Values(Arc<Mutex<HashMap<String, (String, Instant)>>>);

/// A question of an instance to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    /// The entry of the refresh token.
    Look,
    /// For the lease.
    Take,
    /// That the lease goes on.
    Beat,
    /// To keep what is known of a refresh token.
    Write,
    Other,
}

/// The delay of the answer to a question, counted from 0 for each kind. `None` if the question gets lost, or for
/// [`Question::Write`] if the store says that it cannot.
type Delay = fn(Question, usize) -> Option<Duration>;

/// The store, as one instance sees it: what it asks is done at once, and the answer comes late; or the question gets lost.
#[derive(Debug)]
struct Slow {
    values: Values,
    delay: Delay,
    asked: Mutex<Vec<Question>>,
}

impl Slow {
    fn delay(&self, question: Question) -> Option<Duration> {
        let mut asked = self.asked.lock().unwrap();
        let before = asked.iter().filter(|other| **other == question).count();
        asked.push(question);
        (self.delay)(question, before)
    }
}

impl KeyValueStore for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn read<'a>(&'a self, keys: &'a [String]) -> StoreFuture<'a, Vec<Option<String>>> {
        let now = Instant::now();
        let values = self.values.0.lock().unwrap();
        let read = |key: &String| values.get(key).filter(|(_, end)| *end > now).map(|(text, _)| text.clone());
        let found: Vec<_> = keys.iter().map(read).collect();
        let is_look = keys.iter().all(|key| key.starts_with("refresh:"));
        let delay = self.delay(if is_look { Question::Look } else { Question::Other });
        Box::pin(async move {
            answered(delay).await;
            Ok(found)
        })
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a str,
        expected: Option<&'a str>,
        value: Option<&'a str>,
        ttl: Duration,
    ) -> StoreFuture<'a, bool> {
        let question = match (key.starts_with("lease:"), expected, value) {
            (false, ..) => Question::Write,
            (true, None, Some(_)) => Question::Take,
            (true, Some(_), Some(_)) => Question::Beat,
            _ => Question::Other,
        };
        let delay = self.delay(question);
        if delay.is_none() {
            return Box::pin(async move {
                match question {
                    Question::Write => Err(StoreError::new("the disk is full")),
                    _ => std::future::pending().await,
                }
            });
        }
        let now = Instant::now();
        let mut values = self.values.0.lock().unwrap();
        let there = values.get(key).filter(|(_, end)| *end > now).map(|(text, _)| text.as_str());
        let is_so = there == expected;
        if is_so {
            values.remove(key);
            values.extend(value.map(|text| (key.to_owned(), (text.to_owned(), now + ttl))));
        }
        Box::pin(async move {
            answered(delay).await;
            Ok(is_so)
        })
    }
}

async fn answered(delay: Option<Duration>) {
    match delay {
        Some(delay) => tokio::time::sleep(delay).await,
        None => std::future::pending().await,
    }
}

/// The instances that sent the token, and the times.
type Sends = Arc<Mutex<Vec<(&'static str, Duration)>>>;

struct Instance {
    name: &'static str,
    shared: SharedEntries,
    /// The time for which it works before it sends.
    preparation: Duration,
    began: Instant,
    sends: Sends,
}

impl Instance {
    async fn exchange(&self) -> Exchanged {
        let purpose = Purpose::of(&Wanted::default());
        let send = |token: SecretString, right: Right| async move {
            tokio::time::sleep(self.preparation).await;
            if !right.is_good() {
                return Exchanged::new(Err(TokenError::Withheld.into()), token);
            }
            self.sends.lock().unwrap().push((self.name, self.began.elapsed()));
            tokio::time::sleep(ROUND_TRIP).await;
            let tokens = Renewed { access_token: "at".into(), expires_at: None, scope: None, id_token: None };
            Exchanged::new(Ok(Arc::new(tokens)), "second".into())
        };
        self.shared.exchange("first".into(), purpose, false, send).await
    }
}

/// The instance under test, whose store is slow, and another one, which comes after `later` and has a store that is well.
/// Gives who sent the token and what the first one got.
async fn race(delay: Delay, preparation: Duration, later: Duration) -> (Vec<&'static str>, Exchanged) {
    let (values, sends, began) = (Values::default(), Sends::default(), Instant::now());
    let instance = |name, delay, preparation| {
        let store = Slow { values: values.clone(), delay, asked: Mutex::default() };
        let keys = KeyRing::danger_accept_weak_secrets([Secret::new("secret")]).unwrap().for_stores();
        let shared = SharedValues::new(Arc::new(store), Duration::from_secs(20));
        let shared = SharedEntries {
            values: SealedValues::new(shared, keys, Entropy::SYSTEM),
            clock: Clock::default(),
            grace: Duration::from_secs(30),
            patience: Duration::from_secs(20),
            keep: Duration::from_secs(3_600),
        };
        Instance { name, shared, preparation, began, sends: Arc::clone(&sends) }
    };
    let slow = instance("slow", delay, preparation);
    let well = instance("well", |_, _| Some(Duration::ZERO), Duration::ZERO);
    let (ended, _) = tokio::join!(slow.exchange(), async {
        tokio::time::sleep(later).await;
        well.exchange().await
    });
    let sends = sends.lock().unwrap().iter().map(|(name, _)| *name).collect();
    (sends, ended)
}

fn assert_goes_on_from_the_others(ended: &Exchanged) {
    assert!(ended.outcome.is_ok(), "{:?}", ended.outcome);
    assert_eq!(ended.refresh_token.expose_secret(), "second");
}

#[tokio::test(start_paused = true)]
async fn race_05_who_hears_too_late_of_its_lease_does_not_send() {
    // The other one sends from 5.01 s to 5.51 s.
    let late = |question, before| match (question, before) {
        (Question::Take, 0) => Some(Duration::from_millis(5_050)),
        _ => Some(Duration::ZERO),
    };
    let (sends, ended) = race(late, Duration::ZERO, Duration::from_millis(5_010)).await;
    assert_eq!(sends, ["well"]);
    assert_goes_on_from_the_others(&ended);
}

#[tokio::test(start_paused = true)]
async fn race_05_a_pause_of_six_seconds_before_the_token_is_sent_leads_to_no_second_one() {
    // The second look, after the lease was taken, is answered when the lease is over.
    let late = |question, before| match (question, before) {
        (Question::Look, 1) => Some(Duration::from_secs(6)),
        _ => Some(Duration::ZERO),
    };
    let (sends, ended) = race(late, Duration::ZERO, Duration::from_millis(5_100)).await;
    assert_eq!(sends, ["well"]);
    assert_goes_on_from_the_others(&ended);
}

#[tokio::test(start_paused = true)]
async fn race_05_a_lease_that_was_lost_and_is_had_again_is_no_right_to_send() {
    // Three beats get lost. The other one has sent and released the lease when the fourth one has it once more.
    let late = |question, before| match (question, before) {
        (Question::Beat, 0..=2) => None,
        _ => Some(Duration::ZERO),
    };
    let (sends, ended) = race(late, Duration::from_secs(8), Duration::from_millis(5_100)).await;
    assert_eq!(sends, ["well"]);
    assert_goes_on_from_the_others(&ended);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_renewed_in_time_is_a_right_however_long_its_holder_takes() {
    let (sends, ended) =
        race(|_, _| Some(Duration::ZERO), Duration::from_secs(15), Duration::from_secs(6)).await;
    assert_eq!(sends, ["slow"]);
    assert_goes_on_from_the_others(&ended);
}

#[tokio::test(start_paused = true)]
async fn with_a_store_that_is_slower_than_the_lease_nothing_is_sent() {
    let late = |question, _| match question {
        Question::Take | Question::Beat => Some(Duration::from_secs(6)),
        _ => Some(Duration::ZERO),
    };
    let began = Instant::now();
    let (sends, ended) = race(late, Duration::ZERO, Duration::from_secs(100)).await;
    assert_eq!(sends, ["well"], "only once the other one has come");
    assert!(matches!(ended.outcome, Err(ProviderError::Token(TokenError::Unavailable { .. }))));
    assert_eq!(ended.refresh_token.expose_secret(), "first");
    assert!(began.elapsed() < Duration::from_secs(102));
}

#[tokio::test(start_paused = true)]
async fn race_05_what_a_token_yielded_is_told_for_as_long_as_the_store_fails() {
    // For about four seconds nothing can be written. The other one comes meanwhile, and waits.
    let failing = |question, before| match (question, before) {
        (Question::Write, 0..80) => None,
        _ => Some(Duration::ZERO),
    };
    let (sends, ended) = race(failing, Duration::ZERO, Duration::from_secs(1)).await;
    assert_eq!(sends, ["slow"]);
    assert_goes_on_from_the_others(&ended);
}

#[tokio::test(start_paused = true)]
async fn race_05_a_lease_is_not_released_while_no_other_instance_knows_that_the_token_is_spent() {
    let failing = |question, _| match question {
        Question::Write => None,
        _ => Some(Duration::ZERO),
    };
    // It gives up after five seconds and a half, and the lease ends as much later.
    let came = Instant::now();
    let (sends, ended) = race(failing, Duration::ZERO, Duration::from_millis(5_700)).await;
    assert_eq!(sends, ["slow", "well"], "in the end nothing tells the other one");
    assert!(came.elapsed() > Duration::from_millis(9_900), "{:?}", came.elapsed());
    assert_goes_on_from_the_others(&ended);
}

/// The exchange of `first` under a lease, once the provider has answered with this refresh token.
fn sent(refresh_token: &str) -> Exchange {
    let at = Timestamp::from_unix(1_790_000_000);
    let mut exchange = Exchange::new("first".into(), Purpose::of(&Wanted::default()), false);
    exchange.looked(None, Duration::ZERO, at, true);
    exchange.took("lease".to_owned());
    exchange.looked(None, Duration::ZERO, at, true);
    let renewed = Renewed { access_token: "at".into(), expires_at: None, scope: None, id_token: None };
    exchange.sent(Exchanged::new(Ok(Arc::new(renewed)), refresh_token.into()));
    exchange
}

#[test]
fn bcl_17_a_user_who_signed_out_gets_nothing_though_the_store_fails_before_the_next_token_has_ended() {
    let mut exchange = sent("second");
    exchange.read(None);
    exchange.changed(false);
    // The entry of the first token says that the user has signed out.
    exchange.changed(true);
    assert!(matches!(exchange.step(), Step::Change(token) if token.expose_secret() == "second"));
    exchange.tell_again();
    exchange.give_up_telling();
    let ended = exchange.into_end();
    assert!(ended.is_over, "the next token is revoked");
    assert!(matches!(ended.outcome, Err(ProviderError::Token(TokenError::InvalidGrant))));
    assert_eq!(ended.refresh_token.expose_secret(), "second");
}

#[test]
fn bcl_17_a_user_who_signed_out_while_a_token_that_stays_the_same_was_sent_gets_nothing() {
    let mut exchange = sent("first");
    assert!(matches!(exchange.step(), Step::Change(token) if token.expose_secret() == "first"));
    exchange.changed(true);
    assert!(matches!(exchange.step(), Step::Release));
    exchange.released();
    let ended = exchange.into_end();
    assert!(ended.is_over, "the token is revoked");
    assert!(matches!(ended.outcome, Err(ProviderError::Token(TokenError::InvalidGrant))));
}

#[test]
fn an_outcome_in_an_entry_that_leads_on_comes_with_the_next_token() {
    let (at, purpose) = (Timestamp::from_unix(1_790_000_000), Purpose::of(&Wanted::default()));
    let renewed = Renewed { access_token: "at".into(), expires_at: None, scope: None, id_token: None };
    let mut entry = SharedEntry::default();
    entry.lead_to(&"second".into());
    // The instance that got it was slow to tell.
    entry.note(&purpose, "lease".to_owned(), &Ok(Arc::new(renewed)), at);
    let found = |entry: &SharedEntry| {
        let mut exchange = Exchange::new("first".into(), purpose.clone(), false);
        exchange.looked(Some(entry), Duration::from_secs(30), at, true);
        let ended = exchange.into_end();
        (ended.outcome.is_ok(), ended.refresh_token.expose_secret().to_owned())
    };
    assert_eq!(found(&entry), (true, "second".to_owned()));
    entry.end();
    assert_eq!(found(&entry), (false, "first".to_owned()));
}

/// The time that the provider takes.
const ROUND_TRIP: Duration = Duration::from_millis(500);
