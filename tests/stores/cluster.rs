//! A cluster of three nodes, whole and with one that is missing.

use std::time::{Duration, Instant};

use auth_runtime::store::RedisStore;
use auth_tests::servers::{RedisCluster, Reply};
use auth_tests::{Browser, World};
use http::StatusCode;

use crate::instance::{ADA, GRACE, NEW, configured, log_out, logout_token, sign_out, who, world};

struct Scene {
    cluster: RedisCluster,
    instance: World,
    /// One that waits until the store itself gives up.
    patient: World,
    /// Ada's, on all of the nodes.
    browsers: Vec<Browser>,
    /// Which of the nodes has which session.
    nodes: Vec<usize>,
}

impl Scene {
    async fn new() -> Self {
        let (cluster, world) = (RedisCluster::start().await, world().await);
        let urls = cluster.urls();
        let urls: Vec<_> = urls.iter().map(String::as_str).collect();
        let [instance, patient] = [PATIENCE, LONGEST].map(|patience| {
            let store = RedisStore::cluster(&urls).unwrap();
            configured(&world, store, |auth| auth.store_timeout(patience))
        });
        let mut scene = Self { cluster, instance, patient, browsers: Vec::new(), nodes: Vec::new() };
        for _ in 0..60 {
            if scene.browsers.len() >= 12 && (0..3).all(|node| scene.nodes.contains(&node)) {
                return scene;
            }
            let browser = scene.instance.signed_in(ADA).await;
            let node = scene.node_of(&browser).await;
            scene.nodes.push(node);
            scene.browsers.push(browser);
        }
        panic!("sixty sessions are not on all of three nodes");
    }

    async fn node_of(&self, browser: &Browser) -> usize {
        let key = format!("session:{}", self.instance.store_id(browser).as_str());
        let slot = self.cluster.node(0).command(&["CLUSTER", "KEYSLOT", &key]).await;
        let Reply::Integer(slot) = slot else { panic!("{slot:?}") };
        usize::from(slot > 5_460) + usize::from(slot > 10_922)
    }

    async fn statuses(&self) -> Vec<StatusCode> {
        let mut statuses = Vec::new();
        for browser in &self.browsers {
            let begin = Instant::now();
            let answer = browser.peek(&self.instance, "/me").await;
            assert!(begin.elapsed() < PATIENCE * 3, "{:?}", begin.elapsed());
            let is_unknown = answer.status == StatusCode::SERVICE_UNAVAILABLE;
            assert!(!is_unknown || answer.body.contains("session_store_unavailable"), "{}", answer.body);
            statuses.push(answer.status);
        }
        statuses
    }

    /// Nobody is told that a session is over whose node is missing.
    async fn is_not_known(&self, node: usize) {
        let begin = Instant::now();
        let first = self.nodes.iter().position(|own| *own == node).unwrap();
        let (statuses, answer) =
            tokio::join!(self.statuses(), self.browsers[first].peek(&self.patient, "/me"));
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        assert!(begin.elapsed() < GUARD, "the store gives up by itself");
        for (status, own) in statuses.into_iter().zip(&self.nodes) {
            let is_well = *own != node && status == StatusCode::OK;
            assert!(is_well || status == StatusCode::SERVICE_UNAVAILABLE, "{status} on node {own}");
        }
    }

    /// Waits until the sessions of the node are answered so, and all others as if nothing had been.
    async fn until(&self, node: usize, status: StatusCode) {
        let expected: Vec<_> =
            self.nodes.iter().map(|own| if *own == node { status } else { StatusCode::OK }).collect();
        let begin = Instant::now();
        loop {
            let statuses = self.statuses().await;
            let is_answer = |status: &StatusCode| *status == StatusCode::SERVICE_UNAVAILABLE;
            let (found, wanted) = (statuses.iter(), expected.iter());
            let is_wrong = found.zip(wanted).any(|(found, wanted)| !is_answer(found) && found != wanted);
            assert!(!is_wrong, "{statuses:?} {:?}", self.nodes);
            if statuses == expected {
                return;
            }
            assert!(begin.elapsed() < Duration::from_secs(15), "{statuses:?} {:?}", self.nodes);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_live_and_end_on_all_nodes_of_a_cluster() {
    let scene = Scene::new().await;
    let (instance, count) = (&scene.instance, scene.browsers.len());
    let grace = instance.signed_in(GRACE).await;
    for browser in &scene.browsers {
        let mut browser = browser.clone();
        assert_eq!(browser.get(instance, "/change").await.body, "changed");
        assert_eq!(browser.get(instance, "/word").await.body, NEW);
    }
    assert_eq!(instance.auth.sessions_of("sample|ada").await.unwrap().len(), count);

    let mut first = scene.browsers[0].clone();
    assert_eq!(sign_out(instance, &mut first).await.status, StatusCode::SEE_OTHER);
    let token = logout_token(instance, &scene.browsers[1]).await;
    assert_eq!(log_out(instance, &token).await.status, StatusCode::OK);
    let statuses = scene.statuses().await;
    assert_eq!(statuses[..2], [StatusCode::UNAUTHORIZED; 2]);
    assert_eq!(statuses[2..], vec![StatusCode::OK; count - 2]);

    assert_eq!(instance.auth.sign_out_everywhere("sample|ada").await.unwrap(), Some(count - 2));
    assert_eq!(scene.statuses().await, vec![StatusCode::UNAUTHORIZED; count]);
    assert_eq!(who(instance, &grace).await.as_deref(), Some(GRACE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_missing_is_never_taken_for_sessions_that_are_over() {
    let scene = Scene::new().await;
    let node = scene.cluster.node(1);
    assert_eq!(who(&scene.patient, &scene.browsers[0]).await.as_deref(), Some(ADA));
    node.pause();
    scene.is_not_known(1).await;
    node.resume();
    scene.cluster.until_complete().await;
    scene.until(1, StatusCode::OK).await;

    node.kill();
    scene.is_not_known(1).await;
    // It comes back with nothing: now it is true that those sessions are gone.
    node.restart().await;
    scene.cluster.until_complete().await;
    scene.until(1, StatusCode::UNAUTHORIZED).await;
    let browser = scene.instance.signed_in(ADA).await;
    assert_eq!(who(&scene.instance, &browser).await.as_deref(), Some(ADA));
}

const PATIENCE: Duration = Duration::from_millis(600);
/// As long as a store may be given.
const LONGEST: Duration = Duration::from_millis(4_900);
/// Against hanging for ever.
const GUARD: Duration = Duration::from_secs(30);
