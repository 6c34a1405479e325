package main

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// defaulter adds the conditions that phase and details imply.
type defaulter struct{}

var notStarted = []string{"Started", "PipelineRunPending", "ResolvingPipelineRef", "ResolvingTaskRef"}

func (defaulter) Default(_ context.Context, execution *WorkflowExecution) error {
	status := &execution.Status
	switch phaseOf(status) {
	case "Running":
		status.add(created, metav1.ConditionTrue, "PipelineCreated", "phase is Running", status.StartTime)
		if run := status.PipelineRunStatus; run == nil || !slices.Contains(notStarted, run.Reason) {
			status.add(running, metav1.ConditionTrue, "PipelineStarted", "phase is Running", status.StartTime)
		}
	case "Completed":
		status.add(created, metav1.ConditionTrue, "PipelineCreated", "phase is Completed", status.StartTime)
		status.add(running, metav1.ConditionTrue, "PipelineStarted", "phase is Completed", status.StartTime)
		status.add(complete, metav1.ConditionTrue, "PipelineSucceeded", "completed in "+status.Duration, status.CompletionTime)
	case "Failed":
		status.addFailed()
	case "Skipped":
		if details := status.SkipDetails; details != nil && skipReasons[details.Reason] != nil {
			status.add(lock, metav1.ConditionTrue, skipReasons[details.Reason][0], details.Message, &details.SkippedAt)
		}
	}
	return nil
}

func (status *Status) addFailed() {
	details := status.FailureDetails
	ref := status.PipelineRunRef
	wasCreated := ref != nil && ref.Name != "" || status.StartTime != nil || meta.IsStatusConditionTrue(status.Conditions, created)
	if !wasCreated && details != nil {
		reason := "PipelineCreationFailed"
		switch details.Reason {
		case "ResourceExhausted":
			reason = "QuotaExceeded"
		case "Forbidden":
			reason = "RBACDenied"
		case "ImagePullBackOff":
			reason = "ImagePullFailed"
		}
		status.add(created, metav1.ConditionFalse, reason, details.Message, status.CompletionTime)
		return
	}
	reason, message := "PipelineFailed", "phase is Failed"
	if details != nil {
		message = details.Message
		switch details.Reason {
		case "TaskFailed", "DeadlineExceeded", "OOMKilled":
			reason = details.Reason
		}
	}
	if wasCreated {
		status.add(created, metav1.ConditionTrue, "PipelineCreated", "phase is Failed", status.StartTime)
		if details != nil && details.WasExecutionFailure {
			status.add(running, metav1.ConditionTrue, "PipelineStarted", "phase is Failed", status.StartTime)
		}
	}
	status.add(complete, metav1.ConditionFalse, reason, message, status.CompletionTime)
}

// add adds a condition unless its type is there.
func (status *Status) add(kind string, value metav1.ConditionStatus, reason, message string, at *metav1.Time) {
	if meta.FindStatusCondition(status.Conditions, kind) != nil {
		return
	}
	condition := metav1.Condition{
		Type: kind, Status: value, Reason: reason, Message: message + " (derived)", LastTransitionTime: metav1.NewTime(time.Now()),
	}
	if at != nil {
		condition.LastTransitionTime = *at
	}
	status.Conditions = append(status.Conditions, condition)
}
