package render

// page is what a format offers to write on. Titles, sentences and cells are taken as
// they are: what of them comes from a trace goes through name or plain before.
type page interface {
	name(s string) string  // of a function, a file, a command
	plain(s string) string // other words

	section(title string)
	part(title string, body func())   // of a section
	fold(summary string, body func()) // what not every reader wants to see
	say(format string, args ...any)
	facts(list ...string) // in a line; empty ones are left out
	table(t *table)
	caveats(keys ...string) // those on the keys; belongs below what they qualify
	rest()                  // the caveats that are left
}
