package perfettotest

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// fields are the fields of a message that may be there, with their types on the wire.
type fields map[protowire.Number]protowire.Type

const (
	varint = protowire.VarintType
	fixed  = protowire.Fixed64Type
	bytes  = protowire.BytesType
)

// The numbers of Perfetto's schema, as its protos/perfetto/trace/*.proto have them.
// They are written down here once more, and not taken from the types that an
// export is made with, so that a wrong one shows.
var (
	// packet
	ofTrace = fields{1: bytes}
	// clock_snapshot, timestamp, trusted_packet_sequence_id, track_event, interned_data, sequence_flags, trace_packet_defaults, track_descriptor, first_packet_on_sequence
	ofPacket = fields{6: bytes, 8: varint, 10: varint, 11: bytes, 12: bytes, 13: varint, 59: bytes, 60: bytes, 87: varint}
	// timestamp_clock_id
	ofDefaults = fields{58: varint}
	// clocks, primary_trace_clock
	ofClocks = fields{1: bytes, 2: varint}
	// clock_id, timestamp
	ofClock = fields{1: varint, 2: varint}
	// uuid, name, parent_uuid, counter, child_ordering, description
	ofDescriptor = fields{1: varint, 2: bytes, 5: varint, 8: bytes, 11: varint, 14: bytes}
	// unit
	ofCounter = fields{3: varint}
	// debug_annotations, type, name_iid, track_uuid, name, counter_value, flow_ids, terminating_flow_ids, callstack_iid
	ofEvent = fields{4: bytes, 9: varint, 10: varint, 11: varint, 23: bytes, 30: varint, 47: fixed, 48: fixed, 56: varint}
	// name_iid, bool_value, string_value, string_value_iid
	ofAnnotation = fields{1: varint, 2: varint, 6: bytes, 17: varint}
	// event_names, debug_annotation_names, function_names, frames, callstacks, source_paths, debug_annotation_string_values
	ofInterned = fields{2: bytes, 3: bytes, 5: bytes, 6: bytes, 7: bytes, 18: bytes, 29: bytes}
	// iid, and name or str
	ofString = fields{1: varint, 2: bytes}
	// iid, function_name_id, source_path_iid, line_number
	ofFrame = fields{1: varint, 2: varint, 5: varint, 6: varint}
	// iid, frame_ids
	ofCallstack = fields{1: varint, 2: varint}
)

// message is a message, field by field.
type message []field

type field struct {
	number protowire.Number
	value  uint64 // of a varint or fixed
	bytes  []byte
}

// parse takes a message apart. The error is for bytes that are none, and for fields
// that the message does not have.
func parse(b []byte, of fields) (message, error) {
	var m message
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		if want, ok := of[number]; !ok || want != kind {
			return nil, fmt.Errorf("there is no field %d with the wire type %d", number, kind)
		}
		b = b[n:]
		f := field{number: number}
		switch kind {
		case varint:
			f.value, n = protowire.ConsumeVarint(b)
		case fixed:
			f.value, n = protowire.ConsumeFixed64(b)
		default:
			f.bytes, n = protowire.ConsumeBytes(b)
		}
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		b = b[n:]
		m = append(m, f)
	}
	return m, nil
}

// all returns the fields with a number.
func (m message) all(n protowire.Number) (list []field) {
	for _, f := range m {
		if f.number == n {
			list = append(list, f)
		}
	}
	return list
}

// value returns the number in a field, 0 where it is not set.
func (m message) value(n protowire.Number) uint64 { return m.field(n).value }

// text returns the string in a field, "" where it is not set.
func (m message) text(n protowire.Number) string { return string(m.field(n).bytes) }

func (m message) has(n protowire.Number) bool { return m.field(n).number == n }

// field returns the last field with a number, as the last one holds.
func (m message) field(n protowire.Number) (last field) {
	for _, f := range m.all(n) {
		last = f
	}
	return last
}
