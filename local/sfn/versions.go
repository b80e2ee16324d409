package sfn

import (
	"strconv"
	"time"
)

func (m *machine) versionARN(number int) string { return m.ARN + ":" + strconv.Itoa(number) }

// publish makes a version of the current revision, unless the newest one is
// just that, and reports whether it did. A description of its own makes it new.
func (m *machine) publish(description string, now time.Time) bool {
	if last := len(m.Versions) - 1; last >= 0 && m.Versions[last].Revision.ID == m.Current.ID {
		return false
	}
	m.LastVersion++
	m.Versions = append(m.Versions, version{Number: m.LastVersion, Description: description, Created: now, Revision: m.Current})
	return true
}

func (m *machine) version(number int) *version {
	for i := range m.Versions {
		if m.Versions[i].Number == number {
			return &m.Versions[i]
		}
	}
	return nil
}

func (m *machine) alias(name string) *alias {
	for i := range m.Aliases {
		if m.Aliases[i].Name == name {
			return &m.Aliases[i]
		}
	}
	return nil
}

// choice is what an ARN, qualified or not, leads to.
type choice struct {
	machine  *machine
	version  *version // nil without a qualifier
	alias    *alias
	revision *revision
}

// choose follows a state machine's ARN. An alias leads to one of its versions by
// their weights, for which roll gives a number below 100; nil takes the first.
func (s *Service) choose(arn string, roll func() int) (choice, error) {
	ref, err := parseMachineARN(arn)
	if err != nil {
		return choice{}, err
	}
	m, ok := s.registry.machine(ref.base)
	if !ok {
		return choice{}, noMachine(arn)
	}
	c := choice{machine: m, revision: &m.Current}
	if ref.qualifier == "" {
		return c, nil
	}
	number, err := strconv.Atoi(ref.qualifier)
	if err != nil {
		if c.alias = m.alias(ref.qualifier); c.alias == nil {
			return choice{}, noMachine(arn)
		}
		number = c.alias.pick(roll)
	}
	if c.version = m.version(number); c.version == nil {
		return choice{}, noMachine(arn)
	}
	c.revision = &c.version.Revision
	return c, nil
}

// pick chooses the number of a version.
func (a *alias) pick(roll func() int) int {
	chosen := a.Routes[0].VersionARN
	if roll != nil && len(a.Routes) > 1 && roll() >= a.Routes[0].Weight {
		chosen = a.Routes[1].VersionARN
	}
	return versionNumber(chosen)
}

// versionNumber is the number at the end of a version's ARN, 0 if there is none.
func versionNumber(arn string) int {
	ref, err := parseMachineARN(arn)
	if err != nil {
		return 0
	}
	number, err := strconv.Atoi(ref.qualifier)
	if err != nil {
		return 0
	}
	return number
}
