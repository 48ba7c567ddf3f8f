using Microsoft.Extensions.Logging;
using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.Kubernetes.Queue;

namespace PushPlatform.Kubernetes.Controllers;

/// <summary>What follows from a run of a reconciler: when its key comes back, what is logged, and what is counted.</summary>
internal sealed class ReconcileOutcomes<TEntity>(string name, WorkQueue<NamespacedName> queue, TimeProvider time, KubernetesMetrics metrics, ILogger logger)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private const string Success = "success";
    private const string Requeued = "requeue_after";
    private const string Error = "error";

    /// <param name="key">Whose run it was.</param>
    /// <param name="result">Null where there was nothing to do.</param>
    /// <param name="began">The time stamp of its begin.</param>
    /// <returns>Whether the same work is tried again.</returns>
    public bool Returned(NamespacedName key, ReconciliationResult<TEntity>? result, long began)
    {
        switch (result)
        {
            case { IsTerminal: true }:
                queue.Forget(key);
                Log.ReconcileTerminal(logger, name, key, result.ErrorMessage!);
                Count(Error, began);
                return false;
            case { IsSuccess: false }:
                Log.ReconcileRetried(logger, name, key, result.ErrorMessage!);
                Retry(key, result.RequeueAfter, result.Error);
                Count(Error, began);
                return true;
            case { RequeueAfter: { } pause }:
                queue.Forget(key);
                queue.AddAfter(key, pause);
                Count(Requeued, began);
                return false;
            default:
                queue.Forget(key);
                Count(Success, began);
                return false;
        }
    }

    /// <summary>It threw: the key comes back after the backoff.</summary>
    /// <param name="late">It was ended because it took too long; whatever held it up, nobody else has said so.</param>
    public void Failed(NamespacedName key, Exception exception, bool late, long began)
    {
        if (exception is KubernetesException { IsConflict: true })
        {
            // Two wrote at once; the newer state is on its way through the watch. Not worth a stack trace.
            Log.ReconcileConflict(logger, name, key);
        }
        else if (!late && exception is (HttpRequestException or TimeoutException))
        {
            // Said once for all, by ApiContact.
            Log.ReconcileWithoutServer(logger, name, key, exception.Message);
        }
        else
        {
            Log.ReconcileFailed(logger, name, key, exception);
        }

        Retry(key, wished: null, exception);
        Count(Error, began);
    }

    private void Retry(NamespacedName key, TimeSpan? wished, Exception? exception)
    {
        metrics.Retries.Add(1, new KeyValuePair<string, object?>("name", name));
        if (wished is { } pause)
        {
            queue.AddAfter(key, pause);
        }
        else
        {
            queue.AddAfterFailure(key, (exception as KubernetesException)?.RetryAfter);
        }
    }

    private void Count(string outcome, long began)
    {
        var controller = new KeyValuePair<string, object?>("controller", name);
        metrics.Reconciles.Add(1, controller, new("result", outcome));
        metrics.ReconcileTime.Record(time.GetElapsedTime(began).TotalSeconds, controller);
        if (outcome == Error)
        {
            metrics.ReconcileErrors.Add(1, controller);
        }
    }
}
