//! The indexes that list the ids of a user's sessions, and the ids of the sessions with one `sid`.

use redis::{Cmd, Pipeline};
use sha2::{Digest as _, Sha256};

use super::{RedisStore, milliseconds, record, scripts};
use crate::crypto::hexadecimal;
use crate::session::StoreId;
use crate::shared::{StoreError, log_unreadable};
use crate::store::{Record, RecordIndex, SessionFilter};
use crate::time::Timestamp;

impl RedisStore {
    /// Adds the id to the indexes of its user and its `sid`, until the session ends.
    pub(super) async fn note(
        &self,
        id: &StoreId,
        index: &RecordIndex,
        ends: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let left = milliseconds(Record::new("", ends, now).ttl());
        let (ends, now) = (ends.as_unix().to_string(), now.as_unix().to_string());
        for key in self.indexes(index.sub.as_deref(), index.sid.as_deref()) {
            let arguments = [id.as_str(), &ends, &now, &left];
            let () = self.connection.script(&scripts::NOTE, &key, &arguments.map(str::as_bytes)).await?;
        }
        Ok(())
    }

    /// Removes the id from the indexes of its user and its `sid`.
    pub(super) async fn forget(&self, id: &StoreId, index: &RecordIndex) -> Result<(), StoreError> {
        for key in self.indexes(index.sub.as_deref(), index.sid.as_deref()) {
            let mut remove = Cmd::new();
            remove.arg("ZREM").arg(key).arg(id.as_str());
            let () = self.connection.command(&remove).await?;
        }
        Ok(())
    }

    /// Returns the ids of sessions that the scope may cover: from the index of the `sid` if the scope has one, which is
    /// the shorter one, else from the index of the user.
    pub(super) async fn noted(&self, scope: &SessionFilter) -> Result<Vec<StoreId>, StoreError> {
        let Some(key) = self.indexes(scope.sub.as_deref(), scope.sid.as_deref()).pop() else {
            return Ok(Vec::new());
        };
        let mut range = Cmd::new();
        range.arg("ZRANGE").arg(key).arg(0).arg(-1);
        let ids: Vec<String> = self.connection.command(&range).await?;
        Ok(ids.into_iter().map(StoreId::from_store).collect())
    }

    /// Returns the records that are there. A value that cannot be read is logged and left out.
    pub(super) async fn find_all(
        &self,
        ids: &[StoreId],
        now: Timestamp,
    ) -> Result<Vec<(StoreId, Record)>, StoreError> {
        // In a cluster the keys are on different nodes, and a pipeline goes to one node.
        if self.connection.is_cluster() {
            return self.find_each(ids, now).await;
        }
        match self.find_at_once(ids, now).await {
            // One unreadable value fails the whole pipeline: read the records one by one to find the others.
            Err(error) if error.is_unreadable() => self.find_each(ids, now).await,
            found => found,
        }
    }

    async fn find_each(&self, ids: &[StoreId], now: Timestamp) -> Result<Vec<(StoreId, Record)>, StoreError> {
        let mut found = Vec::new();
        for id in ids {
            match self.find(id, now).await {
                Err(error) if error.is_unreadable() => log_unreadable(&error),
                record => found.extend(record?.map(|record| (id.clone(), record))),
            }
        }
        Ok(found)
    }

    async fn find_at_once(
        &self,
        ids: &[StoreId],
        now: Timestamp,
    ) -> Result<Vec<(StoreId, Record)>, StoreError> {
        let mut found = Vec::new();
        let mut pipeline = Pipeline::new();
        for id in ids {
            let key = self.key(id);
            pipeline.cmd("GET").arg(&key).cmd("PTTL").arg(&key);
        }
        let answers: Vec<(Option<Vec<u8>>, i64)> = self.connection.pipeline(&pipeline).await?;
        for (id, (value, left)) in ids.iter().zip(answers) {
            let text = value.map(record::text_of).transpose()?;
            let record = text.and_then(|text| record::read(text, left, now));
            found.extend(record.map(|record| (id.clone(), record)));
        }
        Ok(found)
    }

    /// Returns the keys of the indexes of a user and of a `sid`, the user's first. A name may be any text, so it is
    /// hashed.
    fn indexes(&self, sub: Option<&str>, sid: Option<&str>) -> Vec<String> {
        let key =
            |kind, name: &str| format!("index:{}{kind}:{}", self.prefix, hexadecimal(&Sha256::digest(name)));
        let sub = sub.map(|sub| key("sub", sub));
        sub.into_iter().chain(sid.map(|sid| key("sid", sid))).collect()
    }
}

/// Number of records that are fetched at once.
pub(super) const AT_ONCE: usize = 100;
