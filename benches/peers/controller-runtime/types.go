package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var groupVersion = schema.GroupVersion{Group: "workflowexecution.kubernaut.ai", Version: "v1alpha1"}

// WorkflowExecution is the resource as its controller declares it.
type WorkflowExecution struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              Spec   `json:"spec,omitempty"`
	Status            Status `json:"status,omitempty"`
}

// Spec is what is to be run.
type Spec struct {
	RemediationRequestRef *RemediationRequestRef `json:"remediationRequestRef,omitempty"`
	WorkflowRef           WorkflowRef            `json:"workflowRef"`
	TargetResource        string                 `json:"targetResource"`
	Parameters            map[string]string      `json:"parameters,omitempty"`
}

// RemediationRequestRef names the request that the run serves.
type RemediationRequestRef struct {
	Name      string `json:"name,omitempty"`
	Namespace string `json:"namespace,omitempty"`
}

// WorkflowRef names the workflow.
type WorkflowRef struct {
	WorkflowID     string `json:"workflowId"`
	Version        string `json:"version,omitempty"`
	ContainerImage string `json:"containerImage,omitempty"`
}

// Status is what the controller observed.
type Status struct {
	Phase             string             `json:"phase,omitempty"`
	StartTime         *metav1.Time       `json:"startTime,omitempty"`
	CompletionTime    *metav1.Time       `json:"completionTime,omitempty"`
	Duration          string             `json:"duration,omitempty"`
	PipelineRunRef    *PipelineRunRef    `json:"pipelineRunRef,omitempty"`
	PipelineRunStatus *PipelineRunStatus `json:"pipelineRunStatus,omitempty"`
	FailureDetails    *FailureDetails    `json:"failureDetails,omitempty"`
	SkipDetails       *SkipDetails       `json:"skipDetails,omitempty"`
	Conditions        []metav1.Condition `json:"conditions,omitempty"`
}

// PipelineRunRef names the run.
type PipelineRunRef struct {
	Name string `json:"name,omitempty"`
}

// PipelineRunStatus is how far the run is.
type PipelineRunStatus struct {
	Status         string `json:"status"`
	Reason         string `json:"reason,omitempty"`
	Message        string `json:"message,omitempty"`
	CompletedTasks int    `json:"completedTasks,omitempty"`
	TotalTasks     int    `json:"totalTasks,omitempty"`
}

// FailureDetails describes why a run failed.
type FailureDetails struct {
	FailedTaskIndex            int         `json:"failedTaskIndex"`
	FailedTaskName             string      `json:"failedTaskName"`
	FailedStepName             string      `json:"failedStepName,omitempty"`
	Reason                     string      `json:"reason"`
	Message                    string      `json:"message"`
	ExitCode                   *int32      `json:"exitCode,omitempty"`
	FailedAt                   metav1.Time `json:"failedAt"`
	ExecutionTimeBeforeFailure string      `json:"executionTimeBeforeFailure"`
	NaturalLanguageSummary     string      `json:"naturalLanguageSummary"`
	WasExecutionFailure        bool        `json:"wasExecutionFailure,omitempty"`
}

// SkipDetails describes why a run was skipped.
type SkipDetails struct {
	Reason    string      `json:"reason"`
	Message   string      `json:"message"`
	SkippedAt metav1.Time `json:"skippedAt"`
}

// DeepCopyObject copies as controller-gen's code does.
func (in *WorkflowExecution) DeepCopyObject() runtime.Object {
	out := *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	if in.Spec.RemediationRequestRef != nil {
		ref := *in.Spec.RemediationRequestRef
		out.Spec.RemediationRequestRef = &ref
	}
	if in.Spec.Parameters != nil {
		out.Spec.Parameters = make(map[string]string, len(in.Spec.Parameters))
		for name, value := range in.Spec.Parameters {
			out.Spec.Parameters[name] = value
		}
	}
	in.Status.deepCopyInto(&out.Status)
	return &out
}

func (in *Status) deepCopyInto(out *Status) {
	out.StartTime, out.CompletionTime = in.StartTime.DeepCopy(), in.CompletionTime.DeepCopy()
	if in.PipelineRunRef != nil {
		ref := *in.PipelineRunRef
		out.PipelineRunRef = &ref
	}
	if in.PipelineRunStatus != nil {
		status := *in.PipelineRunStatus
		out.PipelineRunStatus = &status
	}
	if in.FailureDetails != nil {
		details := *in.FailureDetails
		if in.FailureDetails.ExitCode != nil {
			code := *in.FailureDetails.ExitCode
			details.ExitCode = &code
		}
		out.FailureDetails = &details
	}
	if in.SkipDetails != nil {
		details := *in.SkipDetails
		out.SkipDetails = &details
	}
	if in.Conditions != nil {
		out.Conditions = make([]metav1.Condition, len(in.Conditions))
		for i := range in.Conditions {
			in.Conditions[i].DeepCopyInto(&out.Conditions[i])
		}
	}
}
