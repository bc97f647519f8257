//! Copies what a page needs to be drawn, and follows no other road.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use super::{Obstacle, content};
use crate::jpeg;
use crate::limits::MAX_BYTES_OUT;
use crate::outcome::Reason;

/// How deep objects may lie in one another.
const MAX_NESTED: usize = 64;
/// What a page may bring along; everything else of it stays behind.
const PAGE: [&[u8]; 9] =
    [b"MediaBox", b"CropBox", b"BleedBox", b"TrimBox", b"ArtBox", b"Rotate", b"UserUnit", b"Group", b"Resources"];
/// What a page takes from the tree above it.
const INHERITED: [&[u8]; 4] = [b"MediaBox", b"CropBox", b"Rotate", b"Resources"];
/// What a picture may bring along.
const IMAGE: [&[u8]; 14] = [
    b"Type",
    b"Subtype",
    b"Width",
    b"Height",
    b"ColorSpace",
    b"BitsPerComponent",
    b"Intent",
    b"ImageMask",
    b"Mask",
    b"Decode",
    b"Interpolate",
    b"SMask",
    b"SMaskInData",
    b"Matte",
];
/// What a drawing within a page may bring along.
const FORM: [&[u8]; 7] = [b"Type", b"Subtype", b"FormType", b"BBox", b"Matrix", b"Resources", b"Group"];
/// What stays behind wherever it is met: notes of programs, links, actions, places, structure, layers.
const LEFT_BEHIND: [&[u8]; 38] = [
    b"Metadata",
    b"PieceInfo",
    b"LastModified",
    b"A",
    b"AA",
    b"OpenAction",
    b"URI",
    b"AF",
    b"EF",
    b"Annots",
    b"Names",
    b"Dests",
    b"Dest",
    b"AcroForm",
    b"Outlines",
    b"StructParent",
    b"StructParents",
    b"StructTreeRoot",
    b"OC",
    b"OCProperties",
    b"OPI",
    b"Ref",
    b"Measure",
    b"PtData",
    b"VP",
    b"Thumb",
    b"B",
    b"Alternates",
    b"ID",
    b"Info",
    b"Prev",
    b"JS",
    b"JavaScript",
    b"P",
    b"Parent",
    b"Properties",
    b"SpiderInfo",
    b"Desc",
];
/// Where a string is needed to draw; every other string is somebody's note.
const STRINGS: [&[u8]; 5] = [b"Registry", b"Ordering", b"CharSet", b"FontFamily", b"Panose"];
/// Filters that are undone, so that nothing can hide behind the end of what they packed.
const UNDONE: [&[u8]; 9] =
    [b"FlateDecode", b"Fl", b"LZWDecode", b"LZW", b"ASCII85Decode", b"A85", b"ASCIIHexDecode", b"AHx", b"RunLengthDecode"];
/// Filters of pictures of one colour, which have no room for words.
const KEPT: [&[u8]; 3] = [b"CCITTFaxDecode", b"CCF", b"JBIG2Decode"];

/// Copies from one document into another.
pub(super) struct Copier<'a> {
    old: &'a Document,
    new: &'a mut Document,
    copied: HashMap<(ObjectId, Role), ObjectId>,
    n_bytes: usize,
}

/// What an object is needed for; it decides what it may bring along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    /// Anything else.
    Thing,
    /// The table of what a page names.
    Resources,
    /// Drawing instructions.
    Content,
    /// A picture or a drawing within a page.
    Drawing,
    /// A table of pictures and drawings, by name.
    Drawings,
    /// A table of anything, by name; a name is not a key here.
    Table(TableOf),
    /// A colour space.
    Colours,
    /// A font.
    Font,
    /// The drawings of a font's letters, by name.
    Letters,
}

/// What the entries of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum TableOf {
    Things,
    Colours,
    Fonts,
}

impl<'a> Copier<'a> {
    pub(super) fn new(old: &'a Document, new: &'a mut Document) -> Self {
        Self { old, new, copied: HashMap::new(), n_bytes: 0 }
    }

    /// Copies a page and gives its new number.
    pub(super) fn page(&mut self, id: ObjectId, tree: ObjectId) -> Result<ObjectId, Obstacle> {
        let old = self.old;
        let page = old.get_dictionary(id)?;
        let mut copy = Dictionary::new();
        copy.set("Type", "Page");
        copy.set("Parent", tree);
        for key in PAGE {
            let value = page.get(key).ok().or_else(|| if INHERITED.contains(&key) { self.inherited(page, key) } else { None });
            if let Some(value) = value {
                let role = if key == b"Resources" { Role::Resources } else { Role::Thing };
                let value = self.object(value, role, 0)?;
                copy.set(key, value);
            }
        }
        if !copy.has(b"MediaBox") {
            copy.set("MediaBox", vec![0.into(), 0.into(), 612.into(), 792.into()]);
        }
        let instructions = self.page_content(page)?;
        let stream = Self::packed(Dictionary::new(), content::without_remarks(&instructions))?;
        let stream = self.new.add_object(stream);
        copy.set("Contents", stream);
        Ok(self.new.add_object(copy))
    }

    /// What the tree above a page says for all pages below.
    fn inherited(&self, page: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
        let mut above = page;
        for _ in 0..MAX_NESTED {
            let parent = above.get(b"Parent").ok()?.as_reference().ok()?;
            above = self.old.get_dictionary(parent).ok()?;
            if let Ok(value) = above.get(key) {
                return Some(value);
            }
        }
        None
    }

    /// The instructions of a page: one stream, or several that count as one.
    fn page_content(&mut self, page: &Dictionary) -> Result<Vec<u8>, Obstacle> {
        let old = self.old;
        let Ok(contents) = page.get(b"Contents") else { return Ok(Vec::new()) };
        let (_, contents) = old.dereference(contents)?;
        let parts: Vec<&Object> = match contents {
            Object::Array(parts) => parts.iter().collect(),
            Object::Null => Vec::new(),
            stream => vec![stream],
        };
        let mut instructions = Vec::new();
        for part in parts {
            let Ok(stream) = old.dereference(part).and_then(|(_, part)| part.as_stream()) else { continue };
            if !instructions.is_empty() {
                instructions.push(b'\n');
            }
            instructions.extend_from_slice(&self.unpacked(stream)?);
            if instructions.len() > MAX_BYTES_OUT {
                return Err(Reason::UnpacksTooFar.into());
            }
        }
        Ok(instructions)
    }

    /// Copies an object in a role.
    fn object(&mut self, object: &Object, role: Role, depth: usize) -> Result<Object, Obstacle> {
        if depth > MAX_NESTED {
            return Err(Reason::Damaged.into());
        }
        Ok(match object {
            Object::Reference(id) => return self.reference(*id, role, depth),
            Object::Array(items) if role == Role::Colours => return self.colours(items, depth),
            Object::Array(items) => {
                let items: Result<_, Obstacle> = items.iter().map(|item| self.object(item, role, depth + 1)).collect();
                Object::Array(items?)
            }
            Object::Dictionary(dictionary) => Object::Dictionary(self.dictionary(dictionary, role, depth)?),
            Object::Stream(stream) => self.stream(stream, role, depth)?,
            Object::Null | Object::Boolean(_) | Object::Integer(_) | Object::Real(_) | Object::Name(_) | Object::String(..) => {
                object.clone()
            }
        })
    }

    fn reference(&mut self, id: ObjectId, role: Role, depth: usize) -> Result<Object, Obstacle> {
        if let Some(copied) = self.copied.get(&(id, role)) {
            return Ok(Object::Reference(*copied));
        }
        let old = self.old;
        // What a document refers to and does not have counts as nothing.
        let Some(object) = old.objects.get(&id) else { return Ok(Object::Null) };
        let copied = self.new.new_object_id();
        self.copied.insert((id, role), copied);
        let copy = self.object(object, role, depth + 1)?;
        self.new.objects.insert(copied, copy);
        Ok(Object::Reference(copied))
    }

    fn dictionary(&mut self, dictionary: &Dictionary, role: Role, depth: usize) -> Result<Dictionary, Obstacle> {
        let mut copy = Dictionary::new();
        for (key, value) in dictionary {
            let role = match (role, key.as_slice()) {
                // The keys of a table are names that its user chose.
                (Role::Drawings, _) => Role::Drawing,
                (Role::Letters, _) => Role::Content,
                (Role::Table(TableOf::Things), _) => Role::Thing,
                (Role::Table(TableOf::Colours), _) => Role::Colours,
                (Role::Table(TableOf::Fonts), _) => Role::Font,
                (_, key) if LEFT_BEHIND.contains(&key) => continue,
                (Role::Resources, b"XObject") => Role::Drawings,
                (Role::Resources, b"Font") => Role::Table(TableOf::Fonts),
                (Role::Resources, b"ColorSpace") => Role::Table(TableOf::Colours),
                (Role::Resources, b"ExtGState" | b"Pattern" | b"Shading") => Role::Table(TableOf::Things),
                (Role::Resources, b"ProcSet") => Role::Thing,
                (Role::Resources, _) => continue,
                (Role::Font, b"CharProcs") => Role::Letters,
                (_, b"ColorSpace" | b"CS") => Role::Colours,
                (_, b"Resources") => Role::Resources,
                // The drawing that makes a mask.
                (_, b"G") => Role::Drawing,
                (Role::Font, b"DescendantFonts") => Role::Font,
                _ => Role::Thing,
            };
            let is_string = self.old.dereference(value).is_ok_and(|(_, value)| matches!(value, Object::String(..)));
            if is_string && !STRINGS.contains(&key.as_slice()) {
                continue;
            }
            let value = self.object(value, role, depth + 1)?;
            copy.set(key.clone(), value);
        }
        Ok(copy)
    }

    fn stream(&mut self, stream: &Stream, role: Role, depth: usize) -> Result<Object, Obstacle> {
        if role == Role::Content {
            let instructions = self.unpacked(stream)?;
            return Self::packed(Dictionary::new(), content::without_remarks(&instructions)).map(Object::Stream);
        }
        let subtype = stream.dict.get(b"Subtype").ok().and_then(|subtype| subtype.as_name().ok()).unwrap_or_default();
        // A page may also draw a program in another language, which no reader shows any more.
        if role == Role::Drawing && subtype == b"PS" {
            return Ok(Object::Null);
        }
        if stream.dict.has_type(b"Metadata") || stream.dict.has_type(b"EmbeddedFile") {
            return Ok(Object::Null);
        }
        if subtype == b"Image" {
            return self.image(stream, depth);
        }
        let is_form = subtype == b"Form";
        let is_pattern = stream.dict.has(b"PatternType") && stream.dict.has(b"BBox");
        let mut kept = Dictionary::new();
        for (key, value) in &stream.dict {
            let is_packing =
                matches!(key.as_slice(), b"Length" | b"Filter" | b"DecodeParms" | b"F" | b"FFilter" | b"FDecodeParms" | b"DL");
            if !is_packing && (!is_form || FORM.contains(&key.as_slice())) {
                kept.set(key.clone(), value.clone());
            }
        }
        let kept = self.dictionary(&kept, Role::Thing, depth)?;
        let bytes = self.unpacked(stream)?;
        let bytes = if is_form || is_pattern { content::without_remarks(&bytes) } else { bytes };
        Self::packed(kept, bytes).map(Object::Stream)
    }

    /// A picture: only what is needed to decode it.
    fn image(&mut self, stream: &Stream, depth: usize) -> Result<Object, Obstacle> {
        let mut kept = Dictionary::new();
        for key in IMAGE {
            if let Ok(value) = stream.dict.get(key) {
                let role = if matches!(key, b"SMask" | b"Mask") {
                    Role::Drawing
                } else if key == b"ColorSpace" {
                    Role::Colours
                } else {
                    Role::Thing
                };
                kept.set(key, self.object(value, role, depth + 1)?);
            }
        }
        let filters = filters_of(stream)?;
        let Some((last, before)) = filters.split_last() else {
            return Self::packed(kept, stream.content.clone()).map(Object::Stream);
        };
        if UNDONE.contains(last) {
            let bytes = self.unpacked(stream)?;
            return Self::packed(kept, bytes).map(Object::Stream);
        }
        if !before.iter().all(|filter| UNDONE.contains(filter)) {
            return Err(Obstacle::NotCleanable);
        }
        let parameters = |at: usize| match stream.dict.get_deref(b"DecodeParms", self.old) {
            Ok(Object::Array(all)) => all.get(at).cloned(),
            Ok(single @ Object::Dictionary(_)) if filters.len() == 1 => Some(single.clone()),
            _ => None,
        };
        // What packs the packed picture once more is undone; how it was packed last stays.
        let bytes = if before.is_empty() {
            stream.content.clone()
        } else {
            let mut outer = stream.clone();
            outer.dict.set("Filter", before.iter().map(|filter| Object::Name(filter.to_vec())).collect::<Vec<_>>());
            outer.dict.set("DecodeParms", (0..before.len()).map(|at| parameters(at).unwrap_or(Object::Null)).collect::<Vec<_>>());
            self.unpacked(&outer)?
        };
        let own = parameters(filters.len() - 1);
        let bytes = match *last {
            b"DCTDecode" | b"DCT" => {
                kept.set("Filter", "DCTDecode");
                if let Some(transform) =
                    own.as_ref().and_then(|own| own.as_dict().ok()).and_then(|own| own.get(b"ColorTransform").ok())
                    && let Object::Integer(transform) = transform
                {
                    kept.set("DecodeParms", lopdf::dictionary! { "ColorTransform" => *transform });
                }
                jpeg::sift(&bytes)?
            }
            filter if KEPT.contains(&filter) => {
                kept.set("Filter", Object::Name(filter.to_vec()));
                if let Some(own) = &own {
                    kept.set("DecodeParms", self.object(own, Role::Thing, depth + 1)?);
                }
                bytes
            }
            _ => return Err(Obstacle::NotCleanable),
        };
        self.count(bytes.len())?;
        Ok(Object::Stream(Stream::new(kept, bytes).with_compression(false)))
    }

    /// A colour space. A profile names its maker and its device, and often its owner, so a plain space takes its place.
    fn colours(&mut self, items: &[Object], depth: usize) -> Result<Object, Obstacle> {
        let old = self.old;
        let is_profile = items.first().and_then(|name| name.as_name().ok()) == Some(b"ICCBased");
        if is_profile {
            let profile =
                items.get(1).and_then(|profile| old.dereference(profile).ok()).and_then(|(_, profile)| profile.as_stream().ok());
            let n_colours = profile.and_then(|profile| profile.dict.get(b"N").ok()).and_then(|n| n.as_i64().ok());
            let plain = match n_colours {
                Some(1) => "DeviceGray",
                Some(4) => "DeviceCMYK",
                _ => "DeviceRGB",
            };
            return Ok(Object::Name(plain.as_bytes().to_vec()));
        }
        let items: Result<_, Obstacle> = items
            .iter()
            .map(|item| {
                // The base of an indexed or separated space is a space again; functions and tables are not.
                let is_space = match item {
                    Object::Array(_) => true,
                    Object::Reference(id) => old.objects.get(id).is_some_and(|item| matches!(item, Object::Array(_))),
                    _ => false,
                };
                self.object(item, if is_space { Role::Colours } else { Role::Thing }, depth + 1)
            })
            .collect();
        Ok(Object::Array(items?))
    }

    /// The bytes of a stream, unpacked within bounds.
    fn unpacked(&mut self, stream: &Stream) -> Result<Vec<u8>, Obstacle> {
        let filters = filters_of(stream)?;
        if !filters.iter().all(|filter| UNDONE.contains(filter)) {
            return Err(Obstacle::NotCleanable);
        }
        let left = MAX_BYTES_OUT.saturating_sub(self.n_bytes);
        let bytes = if filters.is_empty() {
            stream.content.clone()
        } else {
            // Parameters may stand elsewhere in the document, where the library does not look.
            let mut stream = stream.clone();
            if let Ok(parameters) = stream.dict.get_deref(b"DecodeParms", self.old) {
                let parameters = parameters.clone();
                stream.dict.set("DecodeParms", parameters);
            }
            stream.decompressed_content_with_limit(left)?
        };
        self.count(bytes.len())?;
        Ok(bytes)
    }

    fn packed(dictionary: Dictionary, bytes: Vec<u8>) -> Result<Stream, Obstacle> {
        let mut stream = Stream::new(dictionary, bytes);
        stream.compress()?;
        Ok(stream)
    }

    fn count(&mut self, n_bytes: usize) -> Result<(), Obstacle> {
        self.n_bytes = self.n_bytes.saturating_add(n_bytes);
        if self.n_bytes > MAX_BYTES_OUT { Err(Reason::UnpacksTooFar.into()) } else { Ok(()) }
    }
}

fn filters_of(stream: &Stream) -> Result<Vec<&[u8]>, Obstacle> {
    if stream.dict.has(b"F") {
        // Its bytes would lie in another file.
        return Err(Obstacle::NotCleanable);
    }
    match stream.dict.get(b"Filter") {
        Err(_) | Ok(Object::Null) => Ok(Vec::new()),
        Ok(_) => Ok(stream.filters()?),
    }
}
