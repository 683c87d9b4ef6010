// Package notify tells people what happened. render.go turns a mail's facts
// into a subject, a text and an HTML part: draft.go says which facts a mail
// tells, and every language is one file, language_*.go. message.go puts the
// parts into a message; send.go claims mails and hands them to a mail server
// (smtp.go) or a folder (file.go).
package notify
