//! Serialization into plain JavaScript objects.

use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};
use serde_wasm_bindgen::{Error, Serializer as Inner};
use wasm_bindgen::JsValue;

use super::convert::Record;

const INNER: &Inner = &Inner::new();

/// Serializer that defines the properties of objects. `serde-wasm-bindgen`, which serializes everything else, assigns
/// them, and accessors of a page on `Object.prototype` would intercept that.
pub struct ToJs;

type Result<T = JsValue> = std::result::Result<T, Error>;
type Of<'a> = &'a Inner;

/// Serializer of the fields of a struct.
pub struct Fields(Record);

impl SerializeStruct for Fields {
    type Ok = JsValue;
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<()> {
        self.0.set(name, value.serialize(ToJs)?);
        Ok(())
    }

    fn end(self) -> Result {
        Ok(self.0.into())
    }
}

/// Serializer of the elements of a sequence.
pub struct Elements(Vec<JsValue>);

impl SerializeSeq for Elements {
    type Ok = JsValue;
    type Error = Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.0.push(value.serialize(ToJs)?);
        Ok(())
    }

    fn end(self) -> Result {
        Ok(self.0.into())
    }
}

/// Passes values of a primitive type on.
macro_rules! inner {
    ($($method:ident($kind:ty)),* $(,)?) => {
        $(fn $method(self, value: $kind) -> Result {
            INNER.$method(value)
        })*
    };
}

impl Serializer for ToJs {
    type Ok = JsValue;
    type Error = Error;
    type SerializeSeq = Elements;
    type SerializeTuple = <Of<'static> as Serializer>::SerializeTuple;
    type SerializeTupleStruct = <Of<'static> as Serializer>::SerializeTupleStruct;
    type SerializeTupleVariant = <Of<'static> as Serializer>::SerializeTupleVariant;
    type SerializeMap = <Of<'static> as Serializer>::SerializeMap;
    type SerializeStruct = Fields;
    type SerializeStructVariant = <Of<'static> as Serializer>::SerializeStructVariant;

    inner! {
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_f32(f32),
        serialize_f64(f64),
        serialize_char(char),
        serialize_str(&str),
        serialize_bytes(&[u8]),
        serialize_unit_struct(&'static str),
    }

    fn serialize_none(self) -> Result {
        INNER.serialize_none()
    }

    fn serialize_unit(self) -> Result {
        INNER.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _name: &'static str, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result {
        // `serde-wasm-bindgen` keeps these names in a hash map.
        INNER.serialize_str(variant)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result {
        INNER.serialize_newtype_variant(name, index, variant, value)
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Elements> {
        Ok(Elements(Vec::new()))
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple> {
        INNER.serialize_tuple(length)
    }

    fn serialize_tuple_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeTupleStruct> {
        INNER.serialize_tuple_struct(name, length)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        INNER.serialize_tuple_variant(name, index, variant, length)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap> {
        INNER.serialize_map(length)
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Fields> {
        Ok(Fields(Record::default()))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant> {
        INNER.serialize_struct_variant(name, index, variant, length)
    }
}
