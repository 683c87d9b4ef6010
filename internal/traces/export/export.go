// Package export sends traces to a collector. Only programs import it, so that
// upstreams which import package jobs do not link what it needs.
package export

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// stopTime bounds the sending of what is left at the end.
const stopTime = 5 * time.Second

// quietTime is between two complaints about a collector that cannot be reached.
const quietTime = time.Minute

// Start sends traces if the environment says where to, by the names that
// OpenTelemetry has for that (OTEL_EXPORTER_OTLP_ENDPOINT and others). stop sends
// what is left.
func Start(ctx context.Context, service string, log *slog.Logger) (stop func(), err error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return func() {}, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("preparing traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("preparing traces: %w", err)
	}
	if os.Getenv("OTEL_SERVICE_NAME") == "" {
		about, err = resource.Merge(about, resource.NewSchemaless(attribute.String("service.name", service)))
		if err != nil {
			return nil, fmt.Errorf("preparing traces: %w", err)
		}
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(about))
	otel.SetTracerProvider(provider)
	otel.SetErrorHandler(seldom(log))
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()
		if err := provider.Shutdown(ctx); err != nil {
			log.Warn("the last traces could not be sent", "error", err)
		}
	}, nil
}

func seldom(log *slog.Logger) otel.ErrorHandler {
	var quiet atomic.Bool
	return otel.ErrorHandlerFunc(func(err error) {
		if quiet.CompareAndSwap(false, true) {
			log.Warn("traces cannot be sent; said once a minute", "error", err)
			time.AfterFunc(quietTime, func() { quiet.Store(false) })
		}
	})
}
