// Package counted holds the controllers of the resource kinds that Members refer to and
// that own nothing themselves: SkillGroup, Site, Team and DesktopProfile. Each of them
// observes an object, counts its Members, and writes what it found into the status.
package counted
