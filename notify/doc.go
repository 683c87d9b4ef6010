// Package notify tells people what happened. render.go turns a mail's facts
// into a subject, a text and an HTML part; each language is one file. message.go
// puts them into a message; send.go claims mails and hands them to a mail
// server (smtp.go) or a folder (file.go).
package notify
