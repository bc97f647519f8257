//! The kinds of values that are taken out.

/// What kind of value was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedactionKind {
    /// A telephone number.
    Phone,
    /// A mail address.
    Email,
    /// A web address.
    Url,
    /// A user name.
    Handle,
    /// A name.
    Name,
    /// Where somebody lives.
    Address,
    /// A day of birth.
    BirthDate,
    /// The number of an employee, a badge, a member.
    EmployeeId,
    /// The number of an identity card, a tax file, a driving licence.
    NationalId,
    /// The number of a passport.
    Passport,
    /// An account, a card, a wallet.
    Bank,
    /// A place on the map.
    Gps,
    /// An address of a device in a network.
    Network,
}

impl RedactionKind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Phone,
        Self::Email,
        Self::Url,
        Self::Handle,
        Self::Name,
        Self::Address,
        Self::BirthDate,
        Self::EmployeeId,
        Self::NationalId,
        Self::Passport,
        Self::Bank,
        Self::Gps,
        Self::Network,
    ];

    /// The word inside the placeholder: `[phone-1]`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Url => "url",
            Self::Handle => "handle",
            Self::Name => "name",
            Self::Address => "address",
            Self::BirthDate => "birth_date",
            Self::EmployeeId => "employee_id",
            Self::NationalId => "national_id",
            Self::Passport => "passport",
            Self::Bank => "bank",
            Self::Gps => "gps",
            Self::Network => "network",
        }
    }

    /// The kind of a placeholder's word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}
