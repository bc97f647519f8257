//! The integration tests: one binary, one file per behaviour.

mod harness;

mod anonymise;
mod attachments;
mod bad_input;
mod canary_net;
mod case_holds;
mod hostile;
mod custodian;
mod intake;
mod kill;
mod long_messages;
mod outbox;
mod process;
mod roles;
mod sending;
mod store_contract;
mod tidy;
mod trouble;
mod vault;
mod web_form;

/// Runs each test on the embedded store and on Redis.
#[macro_export]
macro_rules! on_both_stores {
    ($(async fn $name:ident($store:ident: Store) $body:block)+) => {
        $(mod $name {
            use super::*;

            async fn run($store: Store) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_the_embedded_store() {
                run(Store::Embedded).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_redis() {
                run(Store::Redis).await;
            }
        })+
    };
}
