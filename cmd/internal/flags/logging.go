package flags

import (
	"flag"
	"fmt"

	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

// maxLogLevel is the most verbose level that is let through. Above it, client-go
// logs what it sends and gets, Secrets included.
const maxLogLevel = 5

// StartLogging has everything log as the flags say, and refuses to log passwords.
func StartLogging(logging *zap.Options) error {
	if logging.Level != nil && logging.Level.Enabled(-maxLogLevel-1) {
		return fmt.Errorf("--zap-log-level is above %d: from 6 on, libraries log whole requests, with the passwords in them; use %d or less", maxLogLevel, maxLogLevel)
	}
	logger := zap.New(zap.UseFlagOptions(logging))
	ctrl.SetLogger(logger)
	klog.SetLogger(logger.WithName("client-go"))
	return nil
}

// AddLogFlags adds the flags for what is logged.
func AddLogFlags(flags *pflag.FlagSet, logging *zap.Options) {
	logFlags := flag.NewFlagSet("log", flag.ContinueOnError)
	logging.BindFlags(logFlags)
	logFlags.Lookup("zap-time-encoding").Usage = "how times are written (one of epoch, millis, nano, iso8601, rfc3339 or rfc3339nano; default rfc3339)"
	logFlags.Lookup("zap-log-level").Usage = fmt.Sprintf("how much is logged (one of debug, info, error, panic, or a number from 1 to %d; above it there would be passwords in the log)", maxLogLevel)
	flags.AddGoFlagSet(logFlags)
}
