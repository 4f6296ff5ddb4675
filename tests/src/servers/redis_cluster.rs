//! A Redis Cluster: three masters, which share the slots evenly.

use std::time::Duration;

use super::ports;
use super::process::Patience;
use super::redis::Redis;

/// Three servers that know each other. They end when this is dropped.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Redis>,
}

impl RedisCluster {
    /// Starts the servers and waits until each says that the cluster is complete.
    pub async fn start() -> Self {
        let mut nodes = Vec::new();
        let mut bus_ports = Vec::new();
        for slots in SLOTS {
            let bus_port = ports::free().to_string();
            let node = Redis::start_with(&[
                "--cluster-enabled",
                "yes",
                "--cluster-port",
                &bus_port,
                "--cluster-announce-ip",
                "127.0.0.1",
                "--cluster-node-timeout",
                "2000",
            ])
            .await;
            node.command(&["CLUSTER", "ADDSLOTSRANGE", slots.0, slots.1]).await.accepted();
            // Otherwise they begin with the same one, and settle it while tests already run.
            let epoch = (nodes.len() + 1).to_string();
            node.command(&["CLUSTER", "SET-CONFIG-EPOCH", &epoch]).await.accepted();
            nodes.push(node);
            bus_ports.push(bus_port);
        }
        for (node, bus_port) in nodes.iter().zip(&bus_ports).skip(1) {
            let port = node.port().to_string();
            nodes[0].command(&["CLUSTER", "MEET", "127.0.0.1", &port, bus_port]).await.accepted();
        }
        let cluster = Self { nodes };
        cluster.until_complete().await;
        cluster
    }

    /// What a client is configured with; each alone would do.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Redis::url).collect()
    }

    /// One of the servers, from 0 to 2, in the order of their slots.
    pub fn node(&self, index: usize) -> &Redis {
        &self.nodes[index]
    }

    /// Waits until each server says that the cluster is complete, such as after a restart of one.
    pub async fn until_complete(&self) {
        let patience = Patience::begins();
        for node in &self.nodes {
            loop {
                let reply = node.command(&["CLUSTER", "INFO"]).await;
                let state = reply.accepted();
                let has = |line: &str| state.lines().any(|other| other == line);
                if has("cluster_state:ok") && has("cluster_known_nodes:3") && has("cluster_size:3") {
                    break;
                }
                assert!(!patience.is_over(), "the cluster is not complete:\n{state}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

/// The first and the last of each.
const SLOTS: [(&str, &str); 3] = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
