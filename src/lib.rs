//! The front door of a Proactive Mediation Mechanism.
//!
//! Modules in the order a newcomer should read them. A report comes out of a channel as an [`channels::Inbound`], is made
//! durable by the [`journal`], and goes through [`language`], [`anonymise`] and [`triage`] to become a [`case::Case`], which
//! is all that a [`store`] takes and all that a mediator sees.

pub mod anonymise;
pub mod case;
pub mod clock;
pub mod language;
pub mod store;
pub mod triage;
