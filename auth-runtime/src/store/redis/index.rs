//! Which sessions a user has, and which one the provider calls by a name.

use redis::{Cmd, Pipeline};
use sha2::{Digest as _, Sha256};

use super::{RedisStore, milliseconds, record, scripts};
use crate::crypto::hexadecimal;
use crate::session::StoreId;
use crate::shared::{StoreError, log_unreadable};
use crate::store::{Record, RecordIndex, SessionFilter};
use crate::time::Timestamp;

impl RedisStore {
    /// Notes whose session the id is, until it ends.
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

    /// Forgets whose session the id was.
    pub(super) async fn forget(&self, id: &StoreId, index: &RecordIndex) -> Result<(), StoreError> {
        for key in self.indexes(index.sub.as_deref(), index.sid.as_deref()) {
            let mut remove = Cmd::new();
            remove.arg("ZREM").arg(key).arg(id.as_str());
            let () = self.connection.command(&remove).await?;
        }
        Ok(())
    }

    /// The ids of sessions that the scope may cover. The shorter list of the two is enough.
    pub(super) async fn noted(&self, scope: &SessionFilter) -> Result<Vec<StoreId>, StoreError> {
        let Some(key) = self.indexes(scope.sub.as_deref(), scope.sid.as_deref()).pop() else {
            return Ok(Vec::new());
        };
        let mut range = Cmd::new();
        range.arg("ZRANGE").arg(key).arg(0).arg(-1);
        let ids: Vec<String> = self.connection.command(&range).await?;
        Ok(ids.into_iter().map(StoreId::from_store).collect())
    }

    /// Those of the records that are there. What can't be read is nobody's session, and hides none of the others.
    pub(super) async fn find_all(
        &self,
        ids: &[StoreId],
        now: Timestamp,
    ) -> Result<Vec<(StoreId, Record)>, StoreError> {
        if self.connection.is_cluster() {
            return self.find_each(ids, now).await;
        }
        match self.find_at_once(ids, now).await {
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

    /// A provider may use any text as a name, so it is hashed.
    fn indexes(&self, sub: Option<&str>, sid: Option<&str>) -> Vec<String> {
        let key =
            |kind, name: &str| format!("index:{}{kind}:{}", self.prefix, hexadecimal(&Sha256::digest(name)));
        let sub = sub.map(|sub| key("sub", sub));
        sub.into_iter().chain(sid.map(|sid| key("sid", sid))).collect()
    }
}

/// How many records are fetched in one go.
pub(super) const AT_ONCE: usize = 100;
