//! The front door of a Proactive Mediation Mechanism.
//!
//! Modules in the order a newcomer should read them. A report comes out of a channel as an [`channels::Inbound`], is made
//! durable by the [`journal`], and goes through [`language`], [`anonymise`] and [`triage`] to become a [`case::Case`], which
//! is all that a [`store`] takes and all that a mediator sees.

pub mod case;
pub mod language;
pub mod anonymise;
pub mod triage;
pub mod desk;
pub mod journal;
pub mod outbox;
pub mod store;
pub mod files;
pub mod vault;
pub mod audit;
pub mod group_commit;
pub mod alone;
pub mod keys;
pub mod locale;
pub mod pages;
pub mod config;
pub mod server;
pub mod app;
pub mod cli;
pub mod notify;
pub mod telemetry;
pub mod clock;
