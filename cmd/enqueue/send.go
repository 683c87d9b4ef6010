package main

import (
	"strings"

	"github.com/licenseledger/licenseledger/domain"
	"github.com/licenseledger/licenseledger/internal/store"
	"github.com/licenseledger/licenseledger/jobs"
)

// run sends the one command that the flags describe.
func (f *form) run(a *app) error {
	line, err := f.line(a.in)
	if err != nil {
		return err
	}
	command, problems := jobs.Parse(line)
	if len(problems) > 0 {
		for _, p := range f.asFlags(problems) {
			a.say("%s", p)
		}
		return exitStatus(exitInvalid)
	}
	e := f.envelope()
	client, err := a.connect()
	if err != nil {
		return err
	}
	defer client.Close()
	outcomes, err := client.Do(a.ctx, []jobs.Command{command}, jobs.Run{Wait: !e.NoWait, Timeout: e.Timeout})
	switch {
	case e.NoWait && err == nil:
		return a.accepted(outcomes)
	case e.NoWait:
		return err
	}
	if showErr := a.showOutcome(outcomes[0]); showErr != nil {
		return showErr
	}
	if err != nil {
		return err
	}
	return verdict(outcomes)
}

// asFlags names fields as the flags that give them, where they differ.
func (f *form) asFlags(problems jobs.Problems) jobs.Problems {
	e := f.envelope()
	ofCommand := map[string]bool{
		"id":     e.ID == nil || domain.CheckID(*e.ID) != "",
		"source": e.Source != nil && *e.Source != "" && domain.CheckID(*e.Source) != "",
	}
	renamed := make(jobs.Problems, len(problems))
	for i, p := range problems {
		if _, taken := ofCommand[p.Field]; taken {
			if !ofCommand[p.Field] {
				p.Field = strings.ReplaceAll(f.flagName([]string{p.Field}), "_", "-")
			}
			ofCommand[p.Field] = false // the command's own problem comes first
		}
		renamed[i] = p
	}
	return renamed
}

// verdict is the exit status of outcomes: unknown ones weigh more than refused ones.
func verdict(outcomes []jobs.Outcome) error {
	code := exitApplied
	for _, o := range outcomes {
		switch o.Status {
		case store.Waiting:
			return exitStatus(exitUnreachable)
		case domain.Rejected, store.Dead:
			code = exitRejected
		}
	}
	if code == exitApplied {
		return nil
	}
	return exitStatus(code)
}
