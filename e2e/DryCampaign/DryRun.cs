using PushPlatform.Kubernetes.Client;
using PushPlatform.Kubernetes.Models;
using PushPlatform.VehicleClient;

namespace PushPlatform.DryCampaign;

/// <summary>What is tried, and for how long.</summary>
internal sealed record DryRunOptions
{
    public required string Namespace { get; init; }

    public required string Campaign { get; init; }

    public required string Pool { get; init; }

    public required Uri Endpoint { get; init; }

    public required string Vid { get; init; }

    /// <summary>What the car shows; null in a pool without tokens.</summary>
    public string? Token { get; init; }

    /// <summary>For all of it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>
/// Everything between a campaign and a car, without a notice: the API server takes a campaign on hold, the operator asks the nodes, and the one car that it names is online.
/// </summary>
internal sealed class DryRun(DryRunOptions options)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    private string _last = "nothing was done yet";
    private bool _pushed;

    public static KubernetesJson Json { get; } = new(HeldCampaignJson.Default);

    /// <summary>What is wrong, in a sentence; null when all is well.</summary>
    public async Task<string?> FaultAsync(IKubernetesClient kubernetes, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        using VehicleConnection car = new(Car());
        Task driving = car.RunAsync(limit.Token);
        try
        {
            await HoldAsync(kubernetes, limit.Token);
            await UntilCountedAsync(kubernetes, car, limit.Token);
            return _pushed ? "The car was sent a notice by a campaign on hold." : null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"Not within {options.Timeout.TotalSeconds:0} seconds: {_last}.";
        }
        catch (Exception fault) when (fault is KubernetesException or HttpRequestException or TimeoutException)
        {
            return $"The API server: {fault.Message}";
        }
        finally
        {
            await limit.CancelAsync();
            await driving;
            await CleanUpAsync(kubernetes, cancellationToken);
        }
    }

    private async Task CleanUpAsync(IKubernetesClient kubernetes, CancellationToken cancellationToken)
    {
        try
        {
            await kubernetes.DeleteAsync<HeldCampaign>(options.Campaign, options.Namespace, cancellationToken: cancellationToken);
        }
        catch (Exception fault) when (fault is KubernetesException or HttpRequestException or TimeoutException)
        {
            // It is on hold for ever, and the next run begins by deleting it.
        }
    }

    private VehicleOptions Car() => new()
    {
        Vid = options.Vid,
        Endpoints = [options.Endpoint],
        Token = options.Token is { } token ? _ => ValueTask.FromResult<string?>(token) : null,
        OnDisconnected = end => _last = $"the car is not connected to {options.Endpoint}: {end.Reason}",
        OnPush = (_, _) =>
        {
            _pushed = true;
            return ValueTask.FromResult(DeliveryReport.Received);
        },
    };

    /// <summary>One that an earlier run left is on its way out, or is sent there.</summary>
    private async Task HoldAsync(IKubernetesClient kubernetes, CancellationToken cancellationToken)
    {
        while (await kubernetes.DeleteAsync<HeldCampaign>(options.Campaign, options.Namespace, cancellationToken: cancellationToken))
        {
            _last = $"the campaign {options.Campaign} of an earlier run is still there";
            await Task.Delay(LookAgain, cancellationToken);
        }
        await kubernetes.CreateAsync(
            new HeldCampaign
            {
                Metadata = new V1ObjectMeta { Name = options.Campaign, NamespaceProperty = options.Namespace },
                Spec = new HeldSpec(new HeldPool(options.Pool), new HeldPatch("dry-campaign", "0"), new HeldTargets([options.Vid]), Suspend: true),
            },
            cancellationToken: cancellationToken);
    }

    private async Task UntilCountedAsync(IKubernetesClient kubernetes, VehicleConnection car, CancellationToken cancellationToken)
    {
        while (true)
        {
            HeldStatus? status = (await kubernetes.GetAsync<HeldCampaign>(options.Campaign, options.Namespace, cancellationToken))?.Status;
            if (car.IsConnected && status?.Preview?.Online == 1)
            {
                return;
            }
            if (car.IsConnected)
            {
                _last = status is null ? "the operator has not looked at the campaign" : $"the car is connected, and the campaign says: {status.Phase}, {status.Preview?.Online.ToString() ?? "nobody"} online, {status.Message}";
            }
            await Task.Delay(LookAgain, cancellationToken);
        }
    }
}
