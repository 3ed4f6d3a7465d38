import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fewStepModel } from '../../../engine/models/few-step.ts';
import { parseSchedulerName } from '../../../engine/schedulers/scheduler-name.ts';

const propose = (...texts: readonly string[]) => fewStepModel({ texts, isToldGuidance: false });

describe('those that were distilled for timesteps of their own say which', () => {
  for (const [name, numInferenceSteps, timesteps] of [
    ['Hyper-SDXL-1step-Unet', 1, [800]],
    ['Hyper-SDXL-1step-Unet-Comfyui.fp16', 1, [800]],
    ['dmd2_sdxl_1step_unet_fp16', 1, [399]],
    ['dmd2_sdxl_4step_unet', 4, [999, 749, 499, 249]],
    ['dmd2_sdxl_4step_lora', 4, [999, 749, 499, 249]],
  ] as const) {
    test(name, () => {
      const defaults = { scheduler: 'lcm', numInferenceSteps, guidanceScale: 1, timesteps };
      assert.deepEqual(propose(name)?.defaults, defaults);
    });
  }
});

describe('models of few steps are recognised by the names that they are published under', () => {
  for (const [name, scheduler, numInferenceSteps, guidanceScale] of [
    ['sd_xl_turbo_1.0_fp16', 'euler-ancestral-trailing', 4, 1],
    ['sdxl-turbo', 'euler-ancestral-trailing', 4, 1],
    ['sd_turbo', 'euler-ancestral-trailing', 4, 1],
    ['dreamshaperXL_v21TurboDPMSDE', 'dpmpp-sde-karras', 8, 2],
    ['sdxl_lightning_4step', 'euler-trailing', 4, 1],
    ['sdxl_lightning_8step_lora', 'euler-trailing', 8, 1],
    ['juggernautXL_lightning', 'euler-trailing', 4, 1],
    ['Hyper-SDXL-8steps-lora', 'ddim-trailing', 8, 1],
    ['Hyper-SDXL-1step-lora', 'tcd', 1, 1],
    ['Hyper-SDXL-8steps-CFG-lora', 'ddim-trailing', 8, 5],
    ['Hyper-SD15-12steps-CFG-lora', 'ddim-trailing', 12, 5],
    ['lcm-lora-sdxl', 'lcm', 4, 1],
    ['LCM_Dreamshaper_v7', 'lcm', 4, 1],
    ['lcm-lora-ssd-1b', 'lcm', 4, 1],
    ['Segmind-VegaRT', 'lcm', 4, 1],
    ['koala-lightning-700m', 'euler-trailing', 10, 3.5],
    ['TCD-SDXL-LoRA', 'tcd', 4, 1],
    ['dmd2_sdxl_8step', 'lcm', 8, 1],
  ] as const) {
    test(name, () => {
      assert.deepEqual(propose(name)?.defaults, { scheduler, numInferenceSteps, guidanceScale });
      assert.doesNotThrow(() => parseSchedulerName(scheduler));
    });
  }

  test('the file of Lightning for one step predicts the picture, the others what is usual', () => {
    assert.equal(propose('sdxl_lightning_1step_x0')?.predictionType, 'sample');
    assert.equal(propose('sdxl_lightning_2step')?.predictionType, undefined);
  });

  test('Turbo itself was distilled at 512 px, what is mixed with it was not', () => {
    assert.equal(propose('sd_xl_turbo_1.0_fp16')?.side, 512);
    assert.equal(propose('dreamshaperXL_v21TurboDPMSDE')?.side, undefined);
  });

  test('what a file says of itself counts where its name does not tell', () => {
    assert.equal(propose('model', 'SDXL Lightning, 2 steps')?.defaults.numInferenceSteps, 2);
  });

  test('a UNet that is told how strongly the prompt guides is a consistency model, whatever its name', () => {
    const found = fewStepModel({ texts: ['sdxl-turbo'], isToldGuidance: true });
    assert.deepEqual(found?.defaults, { scheduler: 'lcm', numInferenceSteps: 4, guidanceScale: 8 });
  });

  test('other names tell nothing', () => {
    for (const name of [
      'sd_xl_base_1.0',
      'pony-v6',
      'realcmodel',
      'stcdx',
      'hyperreal',
      '4stepanother',
      'ssd-1b',
      'Segmind-Vega',
      'koala-700m',
    ]) {
      assert.equal(propose(name), undefined, name);
    }
  });
});
