//! The presets that are compiled in: name and file, by name.

macro_rules! presets {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../config/sms/", $name, ".toml")))),*]
    };
}

/// Every preset.
pub(in crate::sms) const BUILT_IN: &[(&str, &str)] = presets![
    "africastalking",
    "android_sms_gateway",
    "bandwidth",
    "bird",
    "burstsms",
    "clickatell",
    "clickmobile",
    "clicksend",
    "dmark",
    "elks46",
    "envayasms",
    "gammu",
    "generic",
    "globe",
    "highconnection",
    "hormuud",
    "httpsms",
    "i2sms",
    "infobip",
    "jasmin",
    "kannel",
    "m3tech",
    "macrokiosk",
    "messagebird",
    "mtarget",
    "mtn",
    "novo",
    "playmobile",
    "playsms",
    "plivo",
    "signalwire",
    "sinch_xms",
    "smscentral",
    "smsportal",
    "smssync",
    "start",
    "telerivet",
    "telesom",
    "telnyx",
    "texml",
    "textbee",
    "thinq",
    "twilio",
    "vonage",
    "vonage_messages",
    "wavy",
    "yo",
    "zenvia",
];
