using Microsoft.AspNetCore.Http;
using PushPlatform.LocalCluster.Api.Storage;
using PushPlatform.LocalCluster.Api.Writing;

namespace PushPlatform.LocalCluster.Api.Http;

/// <summary><c>pods/log</c>: the file into which a pod's process writes, as whoever runs the pods names it.</summary>
internal sealed class PodLogs(ObjectStore store, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>From a pod's uid to its log file; null while nobody runs pods.</summary>
    public Func<string, string?>? Locate { get; set; }

    public async Task WriteAsync(HttpContext context, RequestTarget target)
    {
        var pod = store.Get(ObjectWriter.Key(target.Kind, target.Namespace, target.Name)) ?? throw ApiException.NotFound("", "pods", target.Name);
        string path = Locate?.Invoke(pod.Uid()) is { } found && File.Exists(found)
            ? found
            : throw ApiException.BadRequest($"container in pod \"{target.Name}\" is waiting to start: nothing was logged yet");
        await using FileStream log = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (int.TryParse(context.Request.Query["tailLines"], out int lines))
        {
            SeekToTail(log, lines);
        }
        context.Response.ContentType = "text/plain";
        bool follow = context.Request.Query["follow"] == "true";
        do
        {
            await log.CopyToAsync(context.Response.Body, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (follow)
            {
                await Task.Delay(PollInterval, time, context.RequestAborted);
            }
        }
        while (follow && store.HasUid(pod.Uid()));
    }

    private static void SeekToTail(FileStream log, int lines)
    {
        byte[] buffer = new byte[1];
        long position = log.Length;
        int ends = 0;
        while (position > 0)
        {
            log.Seek(position - 1, SeekOrigin.Begin);
            log.ReadExactly(buffer);
            bool isEnd = buffer[0] == '\n' && position != log.Length;
            if (isEnd && ++ends == lines)
            {
                break;
            }
            position--;
        }
        log.Seek(lines == 0 ? log.Length : position, SeekOrigin.Begin);
    }
}
