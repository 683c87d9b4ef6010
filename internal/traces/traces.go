// Package traces follows commands from upstream through Redis to SQL with
// OpenTelemetry. It costs next to nothing until somebody sets a tracer provider:
// our programs do when they are told where traces go, upstreams if they like.
package traces

import (
	"context"
	"strings"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const name = "github.com/licenseledger/licenseledger"

// Header of a task names the spans that handed over what it is about. It is not
// part of the command: neither its hash nor its signature covers it.
const Header = "licenseledger-traceparents"

// most is how many spans a task names at most.
const most = 32

// nobody is the provider before one is set.
var nobody = otel.GetTracerProvider()

// On says whether somebody has set a tracer provider.
func On() bool { return otel.GetTracerProvider() != nobody }

// SQL is the tracer of statements, nil while traces are off. It follows those
// statements that belong to a span, not the worker's looking for work.
func SQL() pgx.QueryTracer {
	if !On() {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithDisableConnectionDetailsInAttributes())
}

// Span begins a span; end ends it, with the error there was.
func Span(ctx context.Context, what string, kind trace.SpanKind, commands int, from ...trace.SpanContext) (_ context.Context, end func(error)) {
	if !On() {
		return ctx, func(error) {}
	}
	links := make([]trace.Link, len(from))
	for i, c := range from {
		links[i] = trace.Link{SpanContext: c}
	}
	ctx, span := otel.Tracer(name).Start(ctx, what, trace.WithSpanKind(kind), trace.WithLinks(links...),
		trace.WithAttributes(attribute.Int("licenseledger.commands", commands)))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}
}

// Of is the span under way, none if there is none.
func Of(ctx context.Context) []trace.SpanContext {
	if c := trace.SpanContextFromContext(ctx); c.IsValid() && c.IsSampled() {
		return []trace.SpanContext{c}
	}
	return nil
}

// Write puts spans into the headers of a task; without spans there are none.
func Write(spans []trace.SpanContext) map[string]string {
	var parents []string
	for _, c := range Distinct(spans) {
		carrier := propagation.MapCarrier{}
		propagation.TraceContext{}.Inject(trace.ContextWithSpanContext(context.Background(), c), carrier)
		parents = append(parents, carrier["traceparent"])
	}
	if len(parents) == 0 {
		return nil
	}
	return map[string]string{Header: strings.Join(parents, " ")}
}

// Read is the reverse of Write. Whoever may write tasks writes what they like:
// what names no span is left out.
func Read(headers map[string]string) []trace.SpanContext {
	text := headers[Header]
	if text == "" || !On() {
		return nil
	}
	var spans []trace.SpanContext
	for _, parent := range strings.SplitN(text, " ", most+1)[:min(most, strings.Count(text, " ")+1)] {
		ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": parent})
		if c := trace.SpanContextFromContext(ctx); c.IsValid() {
			spans = append(spans, c)
		}
	}
	return spans
}

type origin struct{}

// Receive keeps the spans that a task names.
func Receive(ctx context.Context, headers map[string]string) context.Context {
	if spans := Read(headers); len(spans) > 0 {
		return context.WithValue(ctx, origin{}, spans)
	}
	return ctx
}

// Received are the spans that Receive kept.
func Received(ctx context.Context) []trace.SpanContext {
	spans, _ := ctx.Value(origin{}).([]trace.SpanContext)
	return spans
}

// Distinct leaves out what comes twice, and what is too much.
func Distinct(spans []trace.SpanContext) []trace.SpanContext {
	var kept []trace.SpanContext
	seen := map[trace.SpanID]bool{}
	for _, c := range spans {
		if !seen[c.SpanID()] && len(kept) < most {
			seen[c.SpanID()] = true
			kept = append(kept, c)
		}
	}
	return kept
}
